// What happens to inputs and outputs while a command works, and inputs that are too much: results, or one line that
// says why there are none.
#include "tests/platform/small_run.h"

#include <sys/stat.h>

using namespace flexcim;
namespace fs = std::filesystem;

namespace {

/// The results of a run, but for the list with the times of the files.
std::vector<std::string> results_in(const std::string& folder) {
  std::vector<std::string> bytes;
  for (const std::string& name : names_in(folder)) {
    if (name != ".flexcim-results") bytes.push_back(name + "\n" + file_bytes(folder + "/" + name));
  }
  return bytes;
}

}  // namespace

TEST_CASE("Inputs that may only be read are only read") {
  const SmallRun small;
  const auto before = names_in(small.path());
  for (const std::string& name : before) ::chmod((small / name).c_str(), 0444);
  const Scratch out;
  CHECK(flexcim_command(small.run(out / "out")).exit_code == 0);
  CHECK(names_in(small.path()) == before);
  const ModelFolder model(byte_llama(91));
  const auto files = names_in(model.path());
  for (const std::string& name : files) ::chmod((model / name).c_str(), 0444);
  CHECK(flexcim_command({"flow", "prune", model.path(), "--calibration", model.calibration(), "-o", out / "packed"})
            .exit_code == 0);
  CHECK(names_in(model.path()) == files);
}

TEST_CASE("Inputs that are deleted or replaced during a run change nothing of it") {
  const SmallRun reference(20000), small(20000);
  const std::vector<std::string> rtl{"--fidelity", "rtl", "--set", "trace.waveform=false"};
  REQUIRE(flexcim_command(reference.run(reference / "out") + rtl).exit_code == 0);
  // In the background, its inputs gone when it is at work: they have been read a fifth of a second after it has begun
  // to.
  const std::string script = "\"$@\" & pid=$!; cd '" + small.path() +
                             "'; while [ ! -e out/.flexcim-partial ] && kill -0 $pid; do sleep 0.01; done; sleep 0.2; "
                             "rm W.safetensors; mv small.yaml X.safetensors; wait $pid";
  const Outcome outcome = flexcim_in_shell(script, small.run(small / "out") + rtl);
  CAPTURE(outcome.error);
  CHECK(outcome.exit_code == 0);
  CHECK(file_bytes(small / "out/outputs.safetensors") == file_bytes(reference / "out/outputs.safetensors"));
  CHECK(file_bytes(small / "out/summary.json") == file_bytes(reference / "out/summary.json"));
}

TEST_CASE("A result folder that is deleted during a run: one line, exit code 3") {
  const SmallRun small(20000);
  const std::string script = "\"$@\" & pid=$!; cd '" + small.path() +
                             "'; while [ ! -e out/.flexcim-partial ] && kill -0 $pid; do sleep 0.01; done; "
                             "rm -rf out; wait $pid";
  const Outcome outcome =
      flexcim_in_shell(script, small.run(small / "out") +
                                   std::vector<std::string>{"--fidelity", "rtl", "--set", "trace.waveform=false"});
  CAPTURE(outcome.error);
  CHECK(outcome.exit_code == 3);
  CHECK(outcome.error.rfind("flexcim: ", 0) == 0);
  CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
  CHECK_FALSE(fs::exists(small / "out"));
}

TEST_CASE("Times of files say nothing: before all time, or still to come") {
  const SmallRun small;
  REQUIRE(flexcim_command(small.run(small / "now")).exit_code == 0);
  const std::string inputs =
      "touch -d '" + std::string("%s") + "' '" + small.path() + "'/*.safetensors '" + small.scenario() + "' && \"$@\"";
  for (const std::string date : {"1970-01-01", "2099-12-31"}) {
    std::string script = inputs;
    script.replace(script.find("%s"), 2, date);
    CAPTURE(date);
    CHECK(flexcim_in_shell(script, small.run(small / date)).exit_code == 0);
    CHECK(results_in(small / date) == results_in(small / "now"));
    // A folder of results from then is replaced as any other.
    CHECK(flexcim_in_shell("touch -d '" + date + "' '" + small.path() + "'/now/* && \"$@\"", small.run(small / "now"))
              .exit_code == 0);
  }
}

TEST_CASE("A prompt of a hundred thousand tokens is refused, by its number or by the model's context") {
  const ModelFolder model(byte_llama(92));
  const Scratch scratch;
  write_file(scratch / "prompt.txt", random_text(3, 100'000));
  const auto said = [&](const std::string& prompt) {
    const std::string scenario =
        write_file(scratch / "long.yaml",
                   "name: long\nfidelity: tlm\nworkload: {kind: generate, model: " + model.path() +
                       ", tokens: 4, prompt: " + prompt + ", flow: {calibration: " + model.calibration() + "}}\n");
    return refusal({"run", scenario, "--out", scratch / "out"});
  };
  CHECK_THAT(said("{text: prompt.txt, first: 0, count: 100000}"), Catch::Contains("100000 is outside 1…65536"));
  CHECK_THAT(said("\"" + std::string(100'000, 'a') + "\""), Catch::Contains("context"));
  CHECK_FALSE(fs::exists(scratch / "out"));
}
