#include "platform/run/checkpoints.h"

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr std::size_t kKept = 2;
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kStep{20};

/// A child's beginning: it must neither outlive its parent nor act for it.
void become_checkpoint(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  // What is unfinished is the parent's to take away.
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU}) std::signal(signal, SIG_DFL);
}

/// What it prints has been printed already.
void fall_silent() {
  const int nowhere = ::open("/dev/null", O_WRONLY);
  if (nowhere < 0) return;
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  ::close(nowhere);
}

}  // namespace

Checkpoints::~Checkpoints() {
  for (const Child& child : children_) end(child);
}

void Checkpoints::end(const Child& child) {
  ::close(child.order);
  ::kill(child.process, SIGKILL);
  while (::waitpid(child.process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::uint64_t> Checkpoints::take(std::uint64_t now_ps) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  std::fflush(stdout);
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) {
    become_checkpoint(parent);
    ::close(ends[1]);
    for (const Child& other : children_) ::close(other.order);
    children_.clear();
    std::uint64_t wanted_ps = 0;
    ssize_t bytes = 0;
    do {
      bytes = ::read(ends[0], &wanted_ps, sizeof wanted_ps);
    } while (bytes < 0 && errno == EINTR);
    if (bytes != static_cast<ssize_t>(sizeof wanted_ps)) ::_exit(1);
    ::close(ends[0]);
    fall_silent();
    return wanted_ps;
  }
  ::close(ends[0]);
  if (process < 0) {
    ::close(ends[1]);
    return std::nullopt;
  }
  children_.push_back({process, ends[1], now_ps});
  if (children_.size() > kKept) {
    end(children_.front());
    children_.erase(children_.begin());
  }
  return std::nullopt;
}

bool Checkpoints::restore(std::uint64_t wanted_ps) {
  if (children_.empty()) return false;
  Child chosen = children_.front();
  for (const Child& child : children_) {
    if (child.ps <= wanted_ps) chosen = child;
  }
  if (::write(chosen.order, &wanted_ps, sizeof wanted_ps) != static_cast<ssize_t>(sizeof wanted_ps)) return false;
  const auto until = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (::waitpid(chosen.process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > until) return false;  // the destructor ends it
    std::this_thread::sleep_for(kStep);
  }
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (children_[i].process != chosen.process) continue;
    ::close(chosen.order);
    children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
    break;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void Checkpoints::leave(bool good) { ::_exit(good ? 0 : 1); }

}  // namespace flexcim
