// Programs of others, run to their end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace flexcim {

struct CommandOutcome {
  enum class End { exited, missing, late };
  End end = End::exited;
  int exit_code = -1;  ///< of one that has exited; -1: a signal ended it
  std::string output;
  std::string error;

  bool good() const { return end == End::exited && exit_code == 0; }
};

/// Runs the program `words[0]`, which PATH finds, with its arguments and without a shell. Its standard input is empty,
/// and it is in a process group of its own: Ctrl-C on the terminal is for us. What has not ended after `limit` is
/// killed: late; what cannot be started: missing. Throws std::system_error where the system has no more processes or
/// files.
CommandOutcome run_command(const std::vector<std::string>& words, std::chrono::milliseconds limit);

}  // namespace flexcim
