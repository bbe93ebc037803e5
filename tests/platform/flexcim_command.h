// The flexcim command as a user starts it, and small models for it to work on.
#pragma once

#include "tests/flow/tiny_model.h"

#include <cstdlib>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

/// What a command left behind.
struct Outcome {
  int exit_code = -1;  ///< -1: it was ended by a signal
  std::string output;
  std::string error;

  nlohmann::json json() const { return nlohmann::json::parse(output); }
};

/// Runs a program with its arguments, no terminal attached. A warning of SystemC fails the test.
inline Outcome run_program(std::vector<std::string> words) {
  const Scratch scratch;
  const std::string output = scratch / "stdout", error = scratch / "stderr";
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, error.c_str(), O_WRONLY | O_CREAT, 0600);
  pid_t child = 0;
  const int spawned = ::posix_spawn(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  REQUIRE(spawned == 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  Outcome outcome{WIFEXITED(status) ? WEXITSTATUS(status) : -1, file_bytes(output), file_bytes(error)};
  CHECK_THAT(outcome.output, !Catch::Contains("\nWarning: ") && !Catch::Contains("\nError: "));
  return outcome;
}

/// Runs FLEXCIM_COMMAND with these arguments.
inline Outcome flexcim_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{FLEXCIM_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program(words);
}

/// The same in surroundings that a script for /bin/sh makes: "$@" in it is the command with its arguments, quoted.
inline Outcome flexcim_in_shell(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"/bin/sh", "-c", script, "sh", FLEXCIM_COMMAND};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_program(words);
}

/// `arguments` followed by `more`.
inline std::vector<std::string> operator+(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Bad input: exit code 2, nothing on standard output, one line that says why. Gives that line.
inline std::string refusal(const std::vector<std::string>& arguments) {
  const Outcome outcome = flexcim_command(arguments);
  CAPTURE(arguments, outcome.error);
  CHECK(outcome.exit_code == 2);
  CHECK(outcome.output.empty());
  CHECK(outcome.error.rfind("flexcim: ", 0) == 0);
  CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
  return outcome.error;
}

/// Random bytes, as text of byte-level models.
inline std::string random_text(unsigned seed, std::size_t length) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < length) text += static_cast<char>(random() % 256);
  return text;
}

constexpr int kLayers = 4;
constexpr int kBytes = 256;

/// A byte-level model of four layers in a directory of its own, with calibration.txt (5 sequences of its context of 64,
/// and a rest) and evaluation.txt.
class ModelFolder {
 public:
  explicit ModelFolder(const TinyModel& model) {
    model.write(scratch_.str());
    write_file(calibration(), random_text(1, 5 * 64 + 7));
    write_file(scratch_ / "evaluation.txt", random_text(2, 200));
  }
  std::string path() const { return scratch_.str(); }
  std::string calibration() const { return scratch_ / "calibration.txt"; }
  std::string operator/(const std::string& name) const { return scratch_ / name; }

 private:
  Scratch scratch_;
};

inline TinyModel byte_llama(unsigned seed) { return tiny_llama(seed, false, kLayers, kBytes); }
inline TinyModel byte_mamba(unsigned seed) { return tiny_mamba(seed, kLayers, kBytes); }
