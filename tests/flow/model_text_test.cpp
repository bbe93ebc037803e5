// The tokenizer of a model: which files it comes from, and that a packed model keeps it.
#include "flow/model/model_text.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/safetensors_writer.h"
#include "flow/model/load_model.h"
#include "flow/pack/pack_model.h"
#include "flow/select/token_file.h"
#include "flow/text/sentencepiece_tokenizer.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

const std::string kTokenizers = std::string(FLEXCIM_SOURCE_DIR) + "/tests/flow/text/tokenizers/";
constexpr const char* kWords = "And the LORD said";

void copy_tokenizer(const std::string& name, const Scratch& to, const std::string& as) {
  write_file(to / as, file_bytes(kTokenizers + name));
}

std::vector<int> tokens_of(const Scratch& model, int vocabulary) {
  return ModelText(model.str(), vocabulary).tokenizer().encode(kWords);
}

std::string refusal(const Scratch& model, int vocabulary) {
  return message_of<InputError>([&] { tokens_of(model, vocabulary); });
}

TEST_CASE("a model's tokenizer is its tokenizer.json, then its tokenizer.model, then bytes") {
  const Scratch scratch;
  CHECK(tokens_of(scratch, 256).size() == std::string(kWords).size());
  copy_tokenizer("sentencepiece_bpe.model", scratch, "tokenizer.model");
  if (has_sentencepiece()) {
    const std::vector<int> with_begin = tokens_of(scratch, 500);
    CHECK(with_begin.front() == 1);
    write_file(scratch / "tokenizer_config.json", R"({"add_bos_token": false, "add_eos_token": true, "x": NaN})");
    std::vector<int> with_end(with_begin.begin() + 1, with_begin.end());
    with_end.push_back(2);
    CHECK(tokens_of(scratch, 500) == with_end);
    write_file(scratch / "tokenizer_config.json", "{}");
  } else {
    CHECK_THAT(refusal(scratch, 500), Catch::Contains("install the Debian package libsentencepiece-dev"));
  }
  copy_tokenizer("llama3.json", scratch, "tokenizer.json");
  CHECK(tokens_of(scratch, 500).front() == 409);  // <|begin_of_text|>
}

TEST_CASE("a model's tokenizer: what is wrong with its files is said with their names") {
  const Scratch scratch;
  copy_tokenizer("llama3.json", scratch, "tokenizer.json");
  CHECK(refusal(scratch, 414) == scratch / "tokenizer.json" +
                                     ": token 414, \"<mask>\", is beyond the model's vocabulary "
                                     "of 414: it is another model's tokenizer");
  write_file(scratch / "tokenizer_config.json", R"({"add_bos_token": false})");
  CHECK_THAT(refusal(scratch, 500), Catch::StartsWith(scratch / "tokenizer.json: post_processor adds a token, but"));
  write_file(scratch / "tokenizer_config.json", R"({"add_bos_token": 1})");
  CHECK(refusal(scratch, 500) == scratch / "tokenizer_config.json: add_bos_token is neither true nor false");
  write_file(scratch / "tokenizer_config.json", "{}");
  write_file(scratch / "tokenizer.json", "{");
  CHECK_THAT(refusal(scratch, 500), Catch::StartsWith(scratch / "tokenizer.json:1: is not valid JSON"));
}

TEST_CASE("a tokenizer.model: what stands beside it") {
  if (!has_sentencepiece()) return;
  const Scratch scratch;
  write_file(scratch / "tokenizer.model", "no model");
  CHECK(refusal(scratch, 500) == scratch / "tokenizer.model: is no SentencePiece model");
  copy_tokenizer("sentencepiece_bpe.model", scratch, "tokenizer.model");
  CHECK_THAT(refusal(scratch, 419), Catch::Contains("token 419, ") && Catch::Contains("another model's tokenizer"));
  CHECK(refusal(scratch, 420).empty());
  write_file(scratch / "added_tokens.json", R"({"<pad>": 420})");
  CHECK_THAT(refusal(scratch, 500), Catch::Contains("the added token \"<pad>\" with id 420 is not in the model"));
  write_file(scratch / "added_tokens.json", R"({"<s>": 1})");
  CHECK(refusal(scratch, 500).empty());
  write_file(scratch / "tokenizer_config.json", R"({"added_tokens_decoder": {"430": {"content": "<x>"}}})");
  CHECK_THAT(refusal(scratch, 500), Catch::Contains("\"<x>\" with id 430"));
  write_file(scratch / "tokenizer_config.json", "{}");
  const std::string text = write_file(scratch / "t.txt", "ab\xFF");
  CHECK_THAT(message_of<InputError>([&] { read_tokens(text, ModelText(scratch.str(), 500)); }),
             Catch::Equals(text + ": byte 2 of the text is not UTF-8, which SentencePiece needs"));
}

TEST_CASE("vocab.json and merges.txt are a tokenizer.json without the rest") {
  const Scratch scratch;
  const nlohmann::json whole = read_json(kTokenizers + "gpt2.json");
  nlohmann::json vocabulary = whole["model"]["vocab"];
  std::string merges = "#version: 0.2\n";
  for (const nlohmann::json& merge : whole["model"]["merges"]) merges += merge.get<std::string>() + "\n";
  write_file(scratch / "vocab.json", vocabulary.dump());
  write_file(scratch / "merges.txt", merges);
  CHECK(refusal(scratch, 500) == scratch / "vocab.json: has no \"<|endoftext|>\", the bos_token");
  vocabulary["<|endoftext|>"] = 406;
  write_file(scratch / "vocab.json", vocabulary.dump());
  int compared = 0;
  for (const nlohmann::json& row : read_json(kTokenizers + "gpt2.expected.json")) {
    const auto text = row["text"].get<std::string>();
    if (text.find("<mask>") != std::string::npos) continue;
    CHECK(ModelText(scratch.str(), 500).tokenizer().encode(text) == row["ids"].get<std::vector<int>>());
    ++compared;
  }
  CHECK(compared > 50);
  // As OPT has it.
  write_file(scratch / "tokenizer_config.json",
             R"({"add_bos_token": true, "bos_token": {"content": "!"}, "unk_token": "!", "eos_token": "!"})");
  CHECK(tokens_of(scratch, 500).front() == vocabulary["!"]);
  CHECK(ModelText(scratch.str(), 500).tokenizer().encode("a!").back() == vocabulary["!"]);
  write_file(scratch / "tokenizer_config.json", R"({"add_prefix_space": true})");
  CHECK(ModelText(scratch.str(), 500).tokenizer().encode("a") ==
        ModelText(scratch.str(), 500).tokenizer().encode(" a"));
  write_file(scratch / "tokenizer_config.json", R"({"add_prefix_space": 1})");
  CHECK(refusal(scratch, 500) == scratch / "tokenizer_config.json: add_prefix_space is neither true nor false");
  write_file(scratch / "tokenizer_config.json", "{}");
  write_file(scratch / "merges.txt", "#version: 0.2\nt h\n\xC4 t\n");
  CHECK(refusal(scratch, 500) == scratch / "merges.txt:3: is not UTF-8");
}

TEST_CASE("a packed model reads text as the model that it was made of") {
  for (const std::string kind : {"llama3.json", "sentencepiece_bpe.model"}) {
    const bool json = kind == "llama3.json";
    if (!json && !has_sentencepiece()) continue;
    const Scratch scratch;
    tiny_llama(1, false, 2, 450).write(scratch.str());
    copy_tokenizer(kind, scratch, json ? "tokenizer.json" : "tokenizer.model");
    if (!json) write_file(scratch / "tokenizer_config.json", R"({"add_eos_token": true})");
    const auto model = load_model(scratch.str());
    ModelPruning pruning;
    pruning.patterns.assign(model->linears().size(), Pattern{});
    pruning.static_activations = false;
    write_packed_model(scratch / "m", scratch.str(), *model, calibrate_on_file(*model, "", 0, 0, 1), pruning);
    const auto packed = load_model(scratch / "m");
    const std::vector<int> tokens = model->text().tokenizer().encode(kWords);
    CHECK(packed->text().tokenizer().encode(kWords) == tokens);
    CHECK(packed->text().of(tokens, TextPart::whole) == std::string(kWords) + (json ? "" : "</s>"));
  }
}

}  // namespace
}  // namespace flexcim
