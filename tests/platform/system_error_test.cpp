// What the system does not give: one line with its reason, exit code 2 or 3, nothing half-written.
#include "tests/platform/small_run.h"

using namespace flexcim;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

namespace {

void check_failure(const Outcome& outcome, int exit_code, const std::string& end) {
  CAPTURE(outcome.output, outcome.error);
  CHECK(outcome.exit_code == exit_code);
  CHECK_THAT(outcome.error, Catch::StartsWith("flexcim: ") && EndsWith(end + "\n"));
  CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
}

}  // namespace

TEST_CASE("Standard output that takes nothing: exit code 3, results are there") {
  const SmallRun small;
  const std::string full = "exec \"$@\" >/dev/full", closed = "exec \"$@\" >&-";
  const std::string reason = "No space left on device", no_file = "Bad file descriptor";
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--help"}, {"--version"}, {"keys"}, {"registers"}, small.run(small / "out")}) {
    CAPTURE(words);
    check_failure(flexcim_in_shell(full, words), 3, reason);
    check_failure(flexcim_in_shell(closed, words), 3, no_file);
  }
  CHECK(fs::exists(small / "out/summary.json"));
  CHECK_FALSE(fs::exists(small / "out/.flexcim-partial"));
}

TEST_CASE("Closed standard streams do not give their numbers to files") {
  const SmallRun small;
  REQUIRE(flexcim_command(small.run(small / "open")).exit_code == 0);
  CHECK(flexcim_in_shell("exec \"$@\" <&- >&- 2>&-", small.run(small / "closed")).exit_code == 3);
  for (const std::string& name : names_in(small / "open")) {
    CHECK(file_bytes(small / ("open/" + name)) == file_bytes(small / ("closed/" + name)));
  }
}

TEST_CASE("A reader who has gone is no crash") {
  for (const char* words : {"--help", "--version", "keys"}) {
    const Outcome outcome = flexcim_in_shell("\"$@\" | :", {words});
    CHECK(outcome.exit_code == 0);  // of the reader
    CHECK(outcome.error.empty());
  }
  // Where the signal is ignored, as some parents do.
  const Outcome ignored = flexcim_in_shell("trap '' PIPE; { sleep 0.2; \"$@\"; echo $? >&2; } | :", {"keys"});
  CHECK_THAT(ignored.error, Contains("Broken pipe\n") && EndsWith("\n3\n"));
}

TEST_CASE("A disk that is full: exit code 3, no results") {
  const SmallRun small(2, "rtl");
  const auto before = names_in(small.path());
  check_failure(flexcim_in_shell("ulimit -f 1; exec \"$@\"", small.run(small / "out")), 3, "File too large");
  CHECK(names_in(small.path()) == before);

  const ModelFolder folder(byte_llama(84));
  const auto model = names_in(folder.path());
  check_failure(flexcim_in_shell("ulimit -f 8; exec \"$@\"", {"flow", "prune", folder.path(), "--calibration",
                                                              folder.calibration(), "-o", folder / "packed"}),
                3, "packed: cannot be written: File too large");
  CHECK(names_in(folder.path()) == model);
}

#ifndef __SANITIZE_ADDRESS__  // whose shadow exceeds every limit

TEST_CASE("Memory that is not to be had: exit code 3, no results, whenever it runs out") {
  const SmallRun small(20000, "rtl");
  const auto before = names_in(small.path());
  const auto limited = [](int kilobytes, const std::vector<std::string>& words) {
    return flexcim_in_shell("ulimit -c 0; ulimit -v " + std::to_string(kilobytes) + "; exec \"$@\"", words);
  };
  int least = 16000;  // with which the program itself comes into memory
  while (limited(least, {"--version"}).exit_code != 0) least += 500;
  int failures = 0;
  for (int kilobytes = least + 7000; kilobytes >= least; kilobytes -= 500) {
    const Outcome outcome =
        limited(kilobytes, small.run(small / "out") + std::vector<std::string>{"--set", "limits.simulated_ms=0.001"});
    CAPTURE(kilobytes, outcome.error);
    const bool memory = outcome.error.find("memory") != std::string::npos;
    CHECK(outcome.exit_code != 70);
    CHECK((outcome.exit_code == 3 || (memory && outcome.exit_code == 2)));
    CHECK(outcome.error.find("bad_alloc") == std::string::npos);
    CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
    CHECK(names_in(small.path()) == before);
    failures += memory ? 1 : 0;
  }
  CHECK(failures > 0);
}

TEST_CASE("Threads that are not to be had are done without") {
  const ModelFolder folder(byte_llama(85));
  const std::vector<std::string> words{"flow",      "analyze", folder.path(), "--calibration", folder.calibration(),
                                       "--threads", "8",       "--json"};
  const Outcome all = flexcim_command(words);
  REQUIRE(all.exit_code == 0);
  // A thread takes as many addresses as the stack may have: 4 GiB of 6 GiB leave room for one, of 3 GiB for none.
  for (const char* addresses : {"6291456", "3145728"}) {
    const Outcome few = flexcim_in_shell(
        "ulimit -c 0; ulimit -s 4194304 && ulimit -v " + std::string(addresses) + " && exec \"$@\"", words);
    CAPTURE(few.error);
    CHECK(few.exit_code == 0);
    CHECK(few.output == all.output);
    const SmallRun small(2, "rtl");
    const Outcome run =
        flexcim_in_shell("ulimit -c 0; ulimit -s 4194304 && ulimit -v " + std::string(addresses) + " && exec \"$@\"",
                         small.run(small / "out"));
    CHECK(run.exit_code == 0);
  }
}

#endif

TEST_CASE("A working directory that is gone, temporary folders that are not there") {
  const SmallRun small;
  const std::string gone =
      "mkdir '" + (small / "gone") + "' && cd '" + (small / "gone") + "' && rmdir ../gone && exec \"$@\"";
  check_failure(flexcim_in_shell(gone, {"run", small.scenario()}), 2,
                "out/small: the working directory cannot be had: No such file or directory");
  check_failure(flexcim_in_shell(gone, {"run", "small.yaml"}), 2, "small.yaml: no such file");
  CHECK(flexcim_in_shell(gone, small.run(small / "out")).exit_code == 0);
  const std::vector<std::string> fst{"--fidelity", "rtl", "--set", "trace.fst=true"};
  CHECK(flexcim_in_shell("TMPDIR=/nonexistent exec \"$@\"", small.run(small / "out") + fst).exit_code == 0);
}

TEST_CASE("A place where nothing can be written is found before the simulation") {
  const SmallRun endless(100000, "rtl");
  check_failure(flexcim_command(endless.run("/proc/flexcim/out")), 2,
                "/proc/flexcim/out: cannot be written: No such file or directory");
  check_failure(flexcim_command(endless.run("/dev/null")), 2, "/dev/null: is a file, results need a folder");
  check_failure(flexcim_command(endless.run("/dev/null/out")), 2, "/dev/null/out: cannot be written: Not a directory");
}
