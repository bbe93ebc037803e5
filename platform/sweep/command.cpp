#include "platform/sweep/command.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace flexcim {
namespace {

using namespace std::chrono_literals;

/// What a program writes, in memory: unlike a pipe it is never full, and nobody who has inherited it is waited for.
class Capture {
 public:
  Capture() : file_(::memfd_create("output", MFD_CLOEXEC)) {
    if (file_ < 0) throw_system_error(errno, "a file in memory");
  }
  ~Capture() { ::close(file_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  int descriptor() const { return file_; }
  std::string text() const {
    std::string text;
    char part[4096];
    for (ssize_t bytes; (bytes = ::pread(file_, part, sizeof part, static_cast<off_t>(text.size()))) > 0;) {
      text.append(part, static_cast<std::size_t>(bytes));
    }
    return text;
  }

 private:
  int file_;
};

/// The errno of posix_spawnp().
int spawn(const std::vector<std::string>& words, const Capture& output, const Capture& error, pid_t& child) {
  std::vector<char*> argv(words.size() + 1);
  std::transform(words.begin(), words.end(), argv.begin(),
                 [](const std::string& word) { return const_cast<char*>(word.c_str()); });
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, error.descriptor(), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  const int failure = ::posix_spawnp(&child, argv[0], &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure;
}

}  // namespace

CommandOutcome run_command(const std::vector<std::string>& words, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  const Capture output, error;
  pid_t child = 0;
  CommandOutcome outcome;
  if (const int failure = spawn(words, output, error, child)) {
    if (failure == EAGAIN || failure == ENOMEM) throw_system_error(failure, words[0] + ": cannot be started");
    outcome.end = CommandOutcome::End::missing;
    return outcome;
  }
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (outcome.end == CommandOutcome::End::exited && std::chrono::steady_clock::now() >= end) {
      outcome.end = CommandOutcome::End::late;
      ::kill(-child, SIGKILL);
    }
    std::this_thread::sleep_for(5ms);
  }
  if (outcome.end == CommandOutcome::End::exited && WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
  outcome.output = output.text();
  outcome.error = error.text();
  return outcome;
}

}  // namespace flexcim
