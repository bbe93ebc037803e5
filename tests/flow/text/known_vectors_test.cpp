// Tokens that independent implementations make of the same texts (tokenizers/README.md).
#include "flow/text/sentencepiece_tokenizer.h"
#include "tests/flow/scratch.h"
#include "tests/flow/text/open_tokenizer.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

void check_vectors(const Tokenizer& tokenizer, const std::string& family) {
  const nlohmann::json rows = read_json(tokenizer_file(family + ".expected.json"));
  REQUIRE(rows.size() > 50);
  for (const nlohmann::json& row : rows) {
    const auto text = row["text"].get<std::string>();
    INFO(family << ": " << row["text"]);
    CHECK(tokenizer.encode(text) == row["ids"].get<std::vector<int>>());
  }
}

TEST_CASE("tokenizer.json: tokens are those of the reference implementation") {
  for (const char* family : {"gpt2", "neox", "llama3", "qwen2", "falcon", "llama2", "mistral"}) {
    check_vectors(*open_tokenizer(family), family);
  }
}

TEST_CASE("tokenizer.json: decoding a text without special tokens is what the reference makes of it") {
  for (const char* family : {"gpt2", "llama3", "qwen2", "llama2", "mistral"}) {
    const auto tokenizer = open_tokenizer(family);
    for (const nlohmann::json& row : read_json(tokenizer_file(std::string(family) + ".expected.json"))) {
      const auto text = row["text"].get<std::string>();
      if (text.find('<') != std::string::npos) continue;
      INFO(family << ": " << row["text"]);
      CHECK(tokenizer->decode(row["ids"].get<std::vector<int>>(), TextPart::whole) == row.value("decoded", text));
    }
  }
}

TEST_CASE("tokenizer.model: tokens are those of SentencePiece") {
  if (!has_sentencepiece()) return;
  for (const char* family : {"sentencepiece_bpe", "sentencepiece_unigram"}) {
    const std::string content = file_bytes(tokenizer_file(std::string(family) + ".model"));
    check_vectors(*sentencepiece_tokenizer(content, {}, "t.model"), family);
  }
}

}  // namespace
}  // namespace flexcim
