#include "platform/sweep/worker_process.h"

#include "flow/base/error.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr int kDefect = 70;  // EX_SOFTWARE of sysexits.h

/// False where the other end is gone.
bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// What there is, at least a byte. False where the other end is gone.
bool receive_some(int socket, std::string& stream) {
  char chunk[1 << 16];
  ssize_t bytes = 0;
  do bytes = ::recv(socket, chunk, sizeof chunk, 0);
  while (bytes < 0 && errno == EINTR);
  if (bytes <= 0) return false;
  stream.append(chunk, static_cast<std::size_t>(bytes));
  return true;
}

/// The parent's handlers would take away what the parent has not finished.
void restore_signals() {
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU}) std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int serve(int socket, const EvaluatePoint& evaluate) {
  std::string stream;
  try {
    while (receive_some(socket, stream)) {
      while (const auto tasks = take_tasks(stream)) {
        for (const PointTask& task : *tasks) {
          if (!send_all(socket, encode(evaluate(task)))) return 0;
        }
      }
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flexcim: a process of the sweep: %s\n", error.what());
    return kDefect;
  }
}

}  // namespace

WorkerProcess::WorkerProcess(const EvaluatePoint& evaluate, const std::vector<int>& close_in_child) {
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) throw_system_error(errno, "a socket");
  const pid_t parent = ::getpid();
  std::fflush(nullptr);
  process_ = ::fork();
  if (process_ < 0) {
    const int reason = errno;
    ::close(sockets[0]);
    ::close(sockets[1]);
    throw_system_error(reason, "a process of the sweep");
  }
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);
    restore_signals();
    ::close(sockets[0]);
    for (const int descriptor : close_in_child) ::close(descriptor);
    ::_exit(serve(sockets[1], evaluate));
  }
  ::close(sockets[1]);
  socket_ = sockets[0];
}

WorkerProcess::~WorkerProcess() { end(true); }

void WorkerProcess::send(const std::vector<PointTask>& tasks) const { send_all(socket_, encode(tasks)); }

bool WorkerProcess::receive(std::vector<PointResult>& results) {
  const bool there = receive_some(socket_, received_);
  while (auto result = take_result(received_)) results.push_back(std::move(*result));
  return there;
}

std::string WorkerProcess::end(bool kill) {
  if (process_ < 0) return "";
  ::close(socket_);
  if (kill) ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = -1;
  if (!WIFSIGNALED(status)) return fmt::format("ended with exit code {}", WEXITSTATUS(status));
  return fmt::format("was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
}

}  // namespace flexcim
