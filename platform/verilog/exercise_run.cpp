#include "platform/verilog/exercise_run.h"

#include "flow/base/error.h"
#include "rtl_models/verilated/exercise.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kCyclesBefore = 64, kCyclesBehind = 8;

/// What a child tells its parent: one byte, a time, a text.
struct Told {
  char outcome = '?';  ///< '=' equal, '!' different, 'x' it could not
  std::uint64_t ps = 0;
  std::string text;
};

std::string equal_text(const Exercised& done) {
  const RandomDriver::Coverage& seen = done.coverage;
  return fmt::format(
      "every output pin is the model's in {} cycles of random stimuli: {} tiles, {} passes, {} results, {} resets, {} "
      "stalled cycles, {} cycles in which a result had to wait",
      done.cycles, seen.tiles, seen.passes, seen.results, seen.resets, seen.stalled_cycles, seen.held_results);
}

Told run_here(const RtlLibrary& library, const ExerciseOptions& options) {
  Told told;
  try {
    const Exercised done = exercise(library, options);
    told.outcome = done.difference ? '!' : '=';
    told.ps = done.difference ? done.difference->ps : 0;
    told.text = done.difference ? done.difference->text() : equal_text(done);
  } catch (const RtlFailure& failure) {
    told.outcome = '!';
    told.text = failure.what();
  } catch (const std::exception& error) {
    told.outcome = 'x';
    told.text = error.what();
  }
  return told;
}

void write_all(int to, const Told& told) {
  std::string bytes(1, told.outcome);
  bytes.append(reinterpret_cast<const char*>(&told.ps), sizeof told.ps);
  bytes += told.text;
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(to, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno != EINTR) return;
    written += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
}

Told read_all(int from) {
  std::string bytes;
  char buffer[4096];
  for (ssize_t count = 1; count != 0;) {
    count = ::read(from, buffer, sizeof buffer);
    if (count < 0 && errno != EINTR) throw_system_error(errno, "the exercise cannot be followed");
    if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count));
  }
  Told told;
  if (bytes.size() < 1 + sizeof told.ps) return told;
  told.outcome = bytes[0];
  bytes.copy(reinterpret_cast<char*>(&told.ps), sizeof told.ps, 1);
  told.text = bytes.substr(1 + sizeof told.ps);
  return told;
}

Told in_child(const RtlLibrary& library, const ExerciseOptions& options) {
  int ends[2];
  if (::pipe(ends) != 0) throw_system_error(errno, "the exercise cannot be started");
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child < 0) throw_system_error(errno, "the exercise cannot be started");
  if (child == 0) {
    // What is unfinished is the parent's to take away.
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGXCPU}) std::signal(signal, SIG_DFL);
    ::close(ends[0]);
    write_all(ends[1], run_here(library, options));
    std::fflush(stdout);
    ::_exit(0);
  }
  ::close(ends[1]);
  Told told = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (told.outcome == '?') throw_system_error(ECHILD, "the exercise has been ended");
  if (told.outcome == 'x') throw_system_error(EIO, told.text);
  return told;
}

}  // namespace

ExerciseReport exercise_apart(const RtlLibrary& library, int cycles, unsigned seed, const std::string& base) {
  ExerciseOptions options;
  options.cycles = cycles;
  options.seed = seed;
  const Told told = in_child(library, options);
  if (told.outcome == '=') return {told.text, true, false};
  if (told.ps == 0) return {told.text, false, false};
  const std::uint64_t period = exercise_period_ps();
  options.waveform = base;
  options.from_ps = told.ps - std::min(told.ps, kCyclesBefore * period);
  options.to_ps = told.ps + kCyclesBehind * period;
  in_child(library, options);
  return {told.text, false, true};
}

}  // namespace flexcim
