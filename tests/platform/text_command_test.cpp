// flexcim with models that have a tokenizer: text goes in and comes out.
#include "flow/base/safetensors_writer.h"
#include "tests/platform/flexcim_command.h"

#include <catch2/catch.hpp>

namespace {

using Catch::Contains;

const std::string kTokenizers = std::string(FLEXCIM_SOURCE_DIR) + "/tests/flow/text/tokenizers/";
constexpr int kVocabulary = 450;

/// A model with the tokenizer of this name, a text that calibrates it, and a scenario that prompts it.
class TextFolder {
 public:
  TextFolder(const std::string& tokenizer, int vocabulary) : model_(tiny_llama(81, false, kLayers, vocabulary)) {
    write_file(model_ / "tokenizer.json", file_bytes(kTokenizers + tokenizer));
    std::string text;
    while (text.size() < 4000) text += "And the LORD spake unto Moses, saying; " + std::to_string(text.size()) + "\n";
    write_file(model_ / "text.txt", text);
    write_file(
        model_ / "s.yaml",
        "name: s\nfidelity: tlm\nworkload: {kind: generate, model: ., prompt: \"And the LORD \\u00e9\", tokens: 3, "
        "flow: {calibration: text.txt, objective: published, update: none}}\n");
  }
  std::string path() const { return model_.path(); }
  std::string operator/(const std::string& name) const { return model_ / name; }

 private:
  ModelFolder model_;
};

TEST_CASE("text: calibration, evaluation and prompts go through the model's tokenizer") {
  const TextFolder folder("llama3.json", kVocabulary);
  const std::string packed = folder / "packed.safetensors";
  const Outcome prune = flexcim_command({"flow", "prune", folder.path(), "--calibration", folder / "text.txt",
                                         "--objective", "published", "--update", "none", "-o", packed});
  CAPTURE(prune.error);
  REQUIRE(prune.exit_code == 0);
  const Outcome eval = flexcim_command({"flow", "eval", packed, "--text", folder / "text.txt", "--json"});
  CAPTURE(eval.error);
  REQUIRE(eval.exit_code == 0);
  CHECK(eval.json()["bits_per_token"].get<double>() > 0);

  for (const std::string& model : {std::string("."), packed}) {
    const Outcome run =
        flexcim_command({"run", folder / "s.yaml", "--out", folder / "out", "--set", "workload.model=" + model});
    CAPTURE(run.error);
    REQUIRE(run.exit_code == 0);
    CHECK_THAT(run.output, Contains("prompt, 6 tokens:\nAnd the LORD é\n"));
    const auto generation = nlohmann::json::parse(file_bytes(folder / "out/summary.json"))["generation"];
    CHECK(generation["prompt"] == "And the LORD é");
    CHECK(generation["match"] == true);
    CHECK(file_bytes(folder / "out/text.txt").rfind("And the LORD é", 0) == 0);
  }
}

TEST_CASE("text: another model's tokenizer, and one that is not supported, are refused in one line") {
  const TextFolder folder("llama3.json", 414);
  const std::string why =
      "tokenizer.json: token 414, \"<mask>\", is beyond the model's vocabulary of 414: it is another model's tokenizer";
  CHECK_THAT(refusal({"flow", "prune", folder.path(), "--calibration", folder / "text.txt", "-o", folder / "p"}),
             Contains(why));
  CHECK_THAT(
      refusal({"flow", "eval", folder.path(), "--calibration", folder / "text.txt", "--text", folder / "text.txt"}),
      Contains(why));
  for (const char* command : {"check", "run"}) {
    const Outcome outcome = flexcim_command({command, folder / "s.yaml"});
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.error, Contains("workload.prompt: ") && Contains(why));
  }
  write_file(folder / "tokenizer.json", R"({"model": {"type": "WordPiece"}})");
  CHECK_THAT(refusal({"flow", "prune", folder.path(), "--calibration", folder / "text.txt", "-o", folder / "p"}),
             Contains("tokenizer.json: model: type is \"WordPiece\"; supported: BPE"));
  CHECK_FALSE(std::filesystem::exists(folder / "p"));
}

TEST_CASE("text: without a tokenizer token ids do") {
  const TextFolder folder("llama3.json", kVocabulary);
  std::filesystem::remove(folder / "tokenizer.json");
  CHECK_THAT(
      refusal({"flow", "prune", folder.path(), "--calibration", folder / "text.txt", "-o", folder / "p"}),
      Contains("there is no tokenizer.json or tokenizer.model") && Contains("give token ids, tensor \"tokens\""));
  flexcim::SafetensorsWriter writer(folder / "ids.safetensors", {{"tokens", flexcim::Dtype::i32, {300}}});
  std::vector<std::int32_t> ids(300);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<std::int32_t>(i * 7 % kVocabulary);
  writer.write("tokens", ids);
  writer.finish();
  const Outcome run = flexcim_command({"run", folder / "s.yaml", "--out", folder / "out", "--set",
                                       "workload.flow.calibration=ids.safetensors", "--set",
                                       "workload.prompt={text: ids.safetensors, count: 4}"});
  CAPTURE(run.error);
  REQUIRE(run.exit_code == 0);
  CHECK_THAT(run.output, Contains("prompt, 4 tokens:\n0 7 14 21\n"));
}

}  // namespace
