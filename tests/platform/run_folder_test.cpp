// flexcim run: where results go, what becomes of the files of others there.
#include "tests/platform/small_run.h"

using namespace flexcim;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

TEST_CASE("flexcim run: into the same folder again and again, until there is something of somebody else") {
  const SmallRun small;
  const std::string out = small / "out";
  for (int i = 0; i < 3; ++i) CHECK(flexcim_command(small.run(out)).exit_code == 0);
  const auto before = names_in(out);
  const SmallRun endless(100000, "rtl");  // the refusal comes before the simulation
  write_file(out + "/notes.txt", "my notes");
  CHECK(refusal(endless.run(out)) ==
        "flexcim: " + out + ": holds other files than earlier results (notes.txt), it is not overwritten\n");
  CHECK(file_bytes(out + "/notes.txt") == "my notes");
  fs::remove(out + "/notes.txt");
  write_file(out + "/summary.json", "{}");
  CHECK_THAT(refusal(endless.run(out)), Contains("summary.json has been changed since a run wrote it"));
  CHECK(file_bytes(out + "/summary.json") == "{}");
  CHECK(names_in(out) == before);
}

TEST_CASE("flexcim run: results of rtl take the place of those of tlm, and the other way round") {
  const SmallRun small;
  const std::string out = small / "out";
  REQUIRE(flexcim_command(small.run(out) + std::vector<std::string>{"--fidelity", "rtl"}).exit_code == 0);
  CHECK(fs::exists(out + "/wave.vcd"));
  REQUIRE(flexcim_command(small.run(out)).exit_code == 0);
  CHECK_FALSE(fs::exists(out + "/wave.vcd"));
  CHECK(fs::exists(out + "/summary.json"));
}

TEST_CASE("flexcim run: the effective scenario of a result is not run into the same folder") {
  const SmallRun small;
  const std::string out = small / "out";
  REQUIRE(flexcim_command(small.run(out)).exit_code == 0);
  CHECK_THAT(refusal({"run", out + "/scenario.yaml", "--out", out}), Contains("the run reads scenario.yaml"));
  CHECK(flexcim_command({"run", out + "/scenario.yaml", "--out", small / "again"}).exit_code == 0);
  CHECK(file_bytes(out + "/summary.json") == file_bytes(small / "again/summary.json"));
}

TEST_CASE("flexcim run: without --out into out/ of the working directory, nothing beside the scenario") {
  const SmallRun small;
  const Scratch elsewhere;
  const auto before = names_in(small.path());
  CHECK(flexcim_in_shell("cd '" + elsewhere.str() + "' && exec \"$@\"", {"run", small.scenario()}).exit_code == 0);
  CHECK(fs::exists(elsewhere / "out/small/summary.json"));
  CHECK(names_in(small.path()) == before);
}

TEST_CASE("flexcim run: through a link into the folder that it leads to") {
  const SmallRun small;
  fs::create_directory(small / "real");
  fs::create_symlink("real", small / "link");
  for (int i = 0; i < 2; ++i) CHECK(flexcim_command(small.run(small / "link")).exit_code == 0);
  CHECK(fs::is_symlink(small / "link"));
  CHECK(fs::exists(small / "real/summary.json"));
}

TEST_CASE("flexcim run: the command that shows the waveform can be pasted") {
  const SmallRun small(2, "rtl");
  const std::string out = small / "it's my $out";
  const Outcome outcome = flexcim_command(small.run(out));
  REQUIRE(outcome.exit_code == 0);
  const std::string command = outcome.output.substr(outcome.output.rfind("waveform: gtkwave ") + 18);
  const Outcome pasted = run_program({"/bin/sh", "-c", "printf %s " + command});
  CHECK(pasted.output == out + "/wave.gtkw");
  CHECK_THAT(file_bytes(out + "/wave.gtkw"),
             Catch::StartsWith("[dumpfile] \"/wave.vcd\"\n[savefile] \"/wave.gtkw\"\n"));
}

TEST_CASE("flexcim run: a scenario and a folder whose names are no UTF-8") {
  const SmallRun small;
  const std::string scenario = write_file(small / "gr\xf6\xdf.yaml", file_bytes(small.scenario()));
  const Outcome outcome = flexcim_command({"run", scenario, "--out", small / "gr\xf6\xdf"});
  CHECK(outcome.error.empty());
  CHECK(outcome.exit_code == 0);
}
