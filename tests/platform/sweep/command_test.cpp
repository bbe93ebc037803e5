#include "platform/sweep/command.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <sstream>
#include <string>
#include <unistd.h>

using namespace flexcim;
using namespace std::chrono_literals;

namespace {

CommandOutcome shell(const std::string& script, std::chrono::milliseconds limit = 60s) {
  return run_command({"sh", "-c", script, "sh", "two words", "'$HOME'"}, limit);
}

}  // namespace

TEST_CASE("command: what it says, how it ends, and its arguments as they are") {
  const CommandOutcome outcome = shell("echo \"$1 $2\"; echo oh >&2; exit 3");
  CHECK(outcome.end == CommandOutcome::End::exited);
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.output == "two words '$HOME'\n");
  CHECK(outcome.error == "oh\n");
  CHECK_FALSE(outcome.good());
  CHECK(shell("true").good());
  CHECK(shell("kill -9 $$").exit_code == -1);
}

TEST_CASE("command: more than a pipe holds, and nothing to read") {
  const CommandOutcome outcome = shell("head -c 300000 /dev/zero; cat");
  CHECK(outcome.good());
  CHECK(outcome.output == std::string(300000, '\0'));
}

TEST_CASE("command: a program that is not there") {
  CHECK(run_command({"no-such-program"}, 1s).end == CommandOutcome::End::missing);
}

TEST_CASE("command: what does not end is killed, with what it has started") {
  const auto begin = std::chrono::steady_clock::now();
  const CommandOutcome outcome = shell("echo begun; sleep 50 & echo $!; wait", 300ms);
  CHECK(std::chrono::steady_clock::now() - begin < 20s);
  CHECK(outcome.end == CommandOutcome::End::late);
  REQUIRE(outcome.output.rfind("begun\n", 0) == 0);
  const pid_t started = std::stoi(outcome.output.substr(6));
  for (int i = 0; i < 200 && ::kill(started, 0) == 0; ++i) ::usleep(10000);
  // Dead, or a zombie where nobody collects orphans.
  CHECK((::kill(started, 0) != 0 || shell("grep -q '^State:.Z' /proc/" + std::to_string(started) + "/status").good()));
}

TEST_CASE("command: it is out of reach of the terminal's Ctrl-C, and no signal is held back in it") {
  sigset_t set, before;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, &before);
  const CommandOutcome outcome = shell("ps -o pgid= -p $$; echo $$; kill -TERM $$; echo alive");
  sigprocmask(SIG_SETMASK, &before, nullptr);
  CHECK(outcome.exit_code == -1);
  std::istringstream words(outcome.output);
  int group = 0, process = 0;
  words >> group >> process;
  CHECK(group == process);
  CHECK(group != ::getpgrp());
}
