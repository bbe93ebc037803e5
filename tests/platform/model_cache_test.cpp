// What runs keep of a model: the packed model of a directory, and the images of its weights.
#include "tests/platform/flexcim_command.h"

#include <algorithm>
#include <filesystem>

using Catch::Contains;

namespace {

namespace fs = std::filesystem;

/// A small Llama and a scenario that lets it generate.
struct CacheBench {
  ModelFolder model{byte_llama(5)};
  Scratch scratch;
  std::string cache = scratch / "cache";

  explicit CacheBench() { write_scenario(""); }
  void write_scenario(const std::string& more) const {
    write_file(scratch / "g.yaml", "name: g\nfidelity: tlm\nworkload:\n  kind: generate\n  model: " + model.path() +
                                       "\n  prompt: \"abc\"\n  tokens: 3\n  flow: {calibration: " +
                                       model.calibration() + ", cache: cache" + more + "}\n");
  }
  Outcome run(const std::vector<std::string>& more = {}) const {
    return flexcim_command(std::vector<std::string>{"run", scratch / "g.yaml", "--out", scratch / "out"} + more);
  }
  std::vector<std::string> files(const std::string& extension) const {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(cache)) {
      if (entry.path().extension() == extension) found.push_back(entry.path().string());
    }
    return found;
  }
};

void flip(const std::string& path, std::size_t at) {
  std::string bytes = file_bytes(path);
  bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
  write_file(path, bytes);
}

}  // namespace

TEST_CASE("A model directory is pruned once: the next run takes it and gives the same") {
  const CacheBench bench;
  const Outcome first = bench.run();
  CAPTURE(first.error);
  REQUIRE(first.exit_code == 0);
  REQUIRE(bench.files(".safetensors").size() == 1);
  const std::string packed = bench.files(".safetensors")[0];
  CHECK_THAT(first.error, Contains("pruned model kept for the next run: " + packed));
  const std::string summary = file_bytes(bench.scratch / "out/summary.json");
  const Outcome second = bench.run();
  CHECK_THAT(second.error, Contains("pruned model taken from: " + packed));
  CHECK(second.output == first.output);
  CHECK(file_bytes(bench.scratch / "out/summary.json") == summary);

  SECTION("without a cache the results are the same") {
    CHECK(flexcim_command({"run", bench.scratch / "g.yaml", "--out", bench.scratch / "out", "--set",
                           "workload.flow={calibration: " + bench.model.calibration() + "}"})
              .exit_code == 0);
    CHECK(file_bytes(bench.scratch / "out/summary.json") == summary);
  }
  SECTION("another option") {
    CHECK_THAT(bench.run({"--set", "workload.flow.sparsity=0.25"}).error, Contains("kept for the next run"));
    CHECK(bench.files(".safetensors").size() == 2);
  }
  SECTION("another calibration") {
    write_file(bench.model.calibration(), random_text(9, 5 * 64 + 7));
    CHECK_THAT(bench.run().error, Contains("kept for the next run"));
  }
  SECTION("another model of the same size") {
    TinyModel other = byte_llama(6);
    other.write(bench.model.path());
    CHECK_THAT(bench.run().error, Contains("kept for the next run"));
  }
  SECTION("another macro") {
    CHECK_THAT(bench.run({"--set", "architecture.window=2"}).error, Contains("kept for the next run"));
  }
  SECTION("a byte of the file is another") {
    flip(packed, fs::file_size(packed) / 2);
    const Outcome again = bench.run();
    CHECK_THAT(again.error, Contains(packed + ": is damaged; it is made anew") && Contains("kept for the next run"));
    CHECK(again.output == first.output);
    CHECK_THAT(bench.run().error, Contains("taken from"));
  }
  SECTION("a truncated file") {
    fs::resize_file(packed, fs::file_size(packed) - 9);
    CHECK_THAT(bench.run().error, Contains("is damaged; it is made anew"));
  }
  SECTION("a record that is none") {
    write_file(packed + ".json", "{\"hash\": 7}");
    CHECK_THAT(bench.run().error, Contains("is damaged; it is made anew"));
  }
}

TEST_CASE("A cache that cannot be written is refused with one line and leaves nothing") {
  const CacheBench bench;
  SECTION("a full disk") {
    const Outcome outcome = flexcim_in_shell("ulimit -f 20; exec \"$@\"",
                                             {"run", bench.scratch / "g.yaml", "--out", bench.scratch / "out"});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.error, Contains(bench.cache) && Contains("cannot be written: File too large"));
    CHECK(outcome.error.find('\n') == outcome.error.size() - 1);
    CHECK(fs::is_empty(bench.cache));
  }
  SECTION("a file in its place") {
    write_file(bench.cache, "");
    CHECK_THAT(refusal({"run", bench.scratch / "g.yaml", "--out", bench.scratch / "out"}),
               Contains(bench.cache + ": the folder cannot be made"));
  }
}

TEST_CASE("Images of a packed model: made by flow pack mapped by runs made anew where they do not fit") {
  const CacheBench bench;
  REQUIRE(bench.run().exit_code == 0);
  const std::string summary = file_bytes(bench.scratch / "out/summary.json");
  const std::string packed = bench.files(".safetensors")[0];
  const Outcome made = flexcim_command({"flow", "pack", packed, "--image", bench.scratch / "g.yaml"});
  CAPTURE(made.error);
  REQUIRE(made.exit_code == 0);
  REQUIRE(bench.files(".image").size() == 1);
  const std::string image = bench.files(".image")[0];
  CHECK(image.rfind(packed, 0) == 0);
  CHECK_THAT(made.error, Contains("weights encoded: " + image));
  const std::string bytes = file_bytes(image);
  const auto same_results = [&](const Outcome& outcome) {
    CHECK(outcome.exit_code == 0);
    CHECK(file_bytes(bench.scratch / "out/summary.json") == summary);
  };
  SECTION("as it is") {
    const Outcome outcome = bench.run();
    same_results(outcome);
    CHECK(outcome.error == "pruned model taken from: " + packed + "\n");
    CHECK(file_bytes(image) == bytes);  // the simulation writes to its own copy
  }
  SECTION("damaged") {
    flip(image, bytes.size() - 5000);
    const Outcome outcome = bench.run();
    same_results(outcome);
    CHECK_THAT(outcome.error, Contains("is damaged; it is made anew") && Contains("weights encoded: " + image));
    CHECK(file_bytes(image) == bytes);
  }
  SECTION("truncated") {
    fs::resize_file(image, bytes.size() / 2);
    same_results(bench.run());
    CHECK(file_bytes(image) == bytes);
  }
  SECTION("on a full disk") {
    flip(image, bytes.size() - 5000);
    const Outcome outcome = flexcim_in_shell("ulimit -f 20; exec \"$@\"",
                                             {"run", bench.scratch / "g.yaml", "--out", bench.scratch / "out"});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.error, Contains("cannot be written: File too large"));
    CHECK(bench.files(".image").size() == 1);
    CHECK(bench.files(".partial").empty());
  }
  SECTION("another architecture has its own") {
    same_results(bench.run());
    const Outcome outcome = bench.run({"--set", "architecture.rows=16"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.error, !Contains("image"));
  }
}

TEST_CASE("flow pack --image refuses what is no packed model and options of the other kind") {
  const ModelFolder model(byte_llama(5));
  CHECK_THAT(refusal({"flow", "pack", model.path(), "--image", "flexcim_published"}),
             Contains("--image is for a packed model, and " + model.path() + " is none"));
  CHECK_THAT(refusal({"flow", "pack", model.path(), "--pattern", "2:4", "--activation-scale", "dynamic"}),
             Contains("--output is needed"));
}
