// -o of flow prune, pack and select: none of the files that a command reads is written.
#include "tests/platform/flexcim_command.h"

#include <map>

using namespace flexcim;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

const std::string kFigures = R"({"outlier_ratio": [1, 2, 3], "locality": [0.1, 0.2, 0.3]})";

std::map<std::string, std::string> contents(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files[entry.path().filename().string()] = file_bytes(entry.path().string());
  }
  return files;
}

/// A model in two shards, as large ones are, with a tokenizer.
void shard(const ModelFolder& folder) {
  fs::rename(folder / "model.safetensors", folder / "all.safetensors");
  const SafetensorsFile all(folder / "all.safetensors");
  nlohmann::json index;
  for (const auto& [name, tensor] : all.tensors()) index["weight_map"][name] = "part-1.safetensors";
  fs::rename(folder / "all.safetensors", folder / "part-1.safetensors");
  write_file(folder / "model.safetensors.index.json", index.dump());
  write_file(folder / "tokenizer.json", R"({"kind": "bytes"})");
}

}  // namespace

TEST_CASE("output place: every file that flow prune and flow pack read is refused, whatever it is called, and stays") {
  const ModelFolder folder(byte_llama(81));
  shard(folder);
  write_file(folder / "patterns.txt", "0:1:1\n1:4:4\n2:4:4\n3:4:4\n");
  fs::create_symlink(folder / "config.json", folder / "symbolic");
  fs::create_hard_link(folder / "part-1.safetensors", folder / "hard");
  const auto before = contents(folder.path());
  const std::vector<std::string> names{"config.json",
                                       "part-1.safetensors",
                                       "model.safetensors.index.json",
                                       "tokenizer.json",
                                       "calibration.txt",
                                       "patterns.txt",
                                       "./config.json",
                                       "../" + fs::path(folder.path()).filename().string() + "/config.json",
                                       "symbolic",
                                       "hard"};
  for (const std::string command : {"prune", "pack"}) {
    for (const std::string& output : names) {
      CAPTURE(command, output);
      std::vector<std::string> words{
          "flow", command,         folder.path(), "--calibration",        folder.calibration(),
          "-o",   folder / output, "--patterns",  folder / "patterns.txt"};
      if (command == "prune") words = words + std::vector<std::string>{"--method", "from_file"};
      CHECK_THAT(refusal(words), Contains("cannot be written: it is the input "));
      CHECK(contents(folder.path()) == before);
    }
  }
  CHECK(fs::is_symlink(folder / "symbolic"));
  // Its own earlier output is none of them.
  const std::vector<std::string> words{"flow",   "prune", folder.path(),    "--calibration", folder.calibration(),
                                       "--json", "-o",    folder / "packed"};
  for (int i = 0; i < 2; ++i) CHECK(flexcim_command(words).exit_code == 0);
}

TEST_CASE("output place: a relative name for what is read under an absolute one") {
  const ModelFolder folder(byte_llama(82));
  const std::string before = file_bytes(folder / "model.safetensors");
  const Outcome outcome =
      flexcim_in_shell("cd '" + folder.path() + "' && exec \"$@\"",
                       {"flow", "prune", folder.path(), "--calibration", "calibration.txt", "-o", "model.safetensors"});
  CHECK(outcome.exit_code == 2);
  CHECK_THAT(outcome.error, Contains("flexcim: model.safetensors: cannot be written: it is the input "));
  CHECK(file_bytes(folder / "model.safetensors") == before);
}

TEST_CASE("output place: flow select does not write over its figures") {
  const Scratch scratch;
  const std::string figures = write_file(scratch / "figures.json", kFigures);
  fs::create_hard_link(figures, scratch / "hard");
  for (const std::string& output : {figures, scratch / "./figures.json", scratch / "hard"}) {
    CHECK_THAT(refusal({"flow", "select", "--figures", figures, "-o", output}), Contains("it is the input "));
    CHECK(file_bytes(figures) == kFigures);
  }
}

TEST_CASE("output place: through a symbolic link into the file that it leads to") {
  const Scratch scratch;
  const std::string figures = write_file(scratch / "figures.json", kFigures);
  fs::create_directory(scratch / "elsewhere");
  fs::create_symlink("elsewhere/patterns", scratch / "link");
  for (int i = 0; i < 2; ++i) {  // made, then replaced
    CHECK(flexcim_command({"flow", "select", "--figures", figures, "-o", scratch / "link"}).exit_code == 0);
    CHECK(fs::is_symlink(scratch / "link"));
    CHECK_THAT(file_bytes(scratch / "elsewhere/patterns"), Catch::StartsWith("0:"));
    write_file(scratch / "elsewhere/patterns", "old");
  }
}

TEST_CASE("output place: flow select writes into a device or a pipe, flow prune says that it needs a file") {
  const Scratch scratch;
  const std::string figures = write_file(scratch / "figures.json", kFigures);
  const Outcome piped = flexcim_in_shell("\"$@\" | cat", {"flow", "select", "--figures", figures, "-o", "/dev/stdout"});
  CHECK_THAT(piped.output, Catch::StartsWith("0:"));
  const Outcome full = flexcim_command({"flow", "select", "--figures", figures, "-o", "/dev/full"});
  CHECK(full.exit_code == 3);
  CHECK(full.error == "flexcim: /dev/full: cannot be written: No space left on device\n");
}
