#include "platform/cli/bus_fault.h"

#include "flow/base/unfinished.h"
#include "platform/cli/exit_codes.h"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace flexcim {
namespace {

/// A hexadecimal number and what follows it; `at` moves there.
std::uintptr_t number(const char*& at) {
  std::uintptr_t value = 0;
  for (;; ++at) {
    const bool digit = *at >= '0' && *at <= '9';
    if (!digit && (*at < 'a' || *at > 'f')) return value;
    value = value * 16 + static_cast<std::uintptr_t>(digit ? *at - '0' : *at - 'a' + 10);
  }
}

/// Reads a line of at most `size` - 1 bytes, cut there; false at the end. Safe in a signal handler.
bool read_line(int file, char* line, std::size_t size) {
  std::size_t length = 0;
  for (char c = 0; ::read(file, &c, 1) == 1;) {
    if (c == '\n') {
      line[length] = '\0';
      return true;
    }
    if (length + 1 < size) line[length++] = c;
  }
  return false;
}

/// The path of the file that is mapped at `address`, in `line`; null where there is none (proc(5), /proc/PID/maps).
const char* file_at(std::uintptr_t address, char* line, std::size_t size) {
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  const char* path = nullptr;
  while (path == nullptr && maps >= 0 && read_line(maps, line, size)) {
    const char* at = line;
    const std::uintptr_t first = number(at);
    if (*at++ != '-') continue;
    if (address >= first && address < number(at)) path = std::strchr(at, '/');
  }
  ::close(maps);
  return path;
}

void say(const char* text) {
  const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text));
  static_cast<void>(ignored);
}

void on_bus_error(int signal, siginfo_t* info, void*) {
  static char line[4096 + 128];  // stacks of coroutines are small
  const char* const path = file_at(reinterpret_cast<std::uintptr_t>(info->si_addr), line, sizeof line);
  if (path == nullptr) {
    ::signal(signal, SIG_DFL);  // the access comes again
    return;
  }
  say("flexcim: ");
  say(path);
  say(": cannot be read any more: somebody has shortened it, or its device fails\n");
  take_away_unfinished();
  std::_Exit(kUnfinished);
}

}  // namespace

void report_bus_faults() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace flexcim
