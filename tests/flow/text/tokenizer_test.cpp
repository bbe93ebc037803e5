// What holds for every tokenizer, and what tokenizer.json files may not hold.
#include "flow/base/error.h"
#include "tests/flow/text/open_tokenizer.h"

#include <catch2/catch.hpp>
#include <iterator>
#include <random>

namespace flexcim {
namespace {

using Json = nlohmann::json;

std::string error_of(const Json& json, int vocabulary = kEnough) {
  try {
    tokenizer_of(json, vocabulary);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

/// Words, blanks, digits, characters of all lengths, special tokens and bytes that are no UTF-8, at random.
std::string random_text(std::mt19937& random) {
  static const char* const kParts[] = {
      "the", "LORD",          "'ll",    " ",    "  ",   "\n",           "\r\n",     "7",  "123", "é", "e\xCC\x81", "漢",
      "😀",   "<|endoftext|>", "<mask>", "\xFF", "\xC3", "\xED\xA0\x80", "\xF0\x9F", "\t", "!?",  "Ġ", "▁"};
  std::string text;
  for (auto i = random() % 12; i > 0; --i) {
    text += kParts[random() % std::size(kParts)];
    if (random() % 8 == 0) text += static_cast<char>(random());
  }
  return text;
}

TEST_CASE("byte-level tokenizers: decoding gives every text back, and so does a text in two parts") {
  std::mt19937 random(16);
  for (const char* family : {"gpt2", "llama3", "falcon"}) {
    Json json = tokenizer_json(family);
    // Tokens that take the blanks beside them do not tell how many there were.
    for (Json& token : json["added_tokens"]) token["lstrip"] = token["rstrip"] = false;
    if (std::string(family) == "falcon") json["post_processor"] = nullptr;  // which adds one behind
    const auto tokenizer = tokenizer_of(json);
    for (int round = 0; round < 400; ++round) {
      const std::string text = random_text(random);
      INFO(family << ": " << Json(text).dump(-1, ' ', true, Json::error_handler_t::replace));
      const std::vector<int> tokens = tokenizer->encode(text);
      REQUIRE(tokenizer->decode(tokens, TextPart::whole) == text);
      const auto middle = tokens.begin() + static_cast<std::ptrdiff_t>(
                                               std::max(tokenizer->before().size(), random() % (tokens.size() + 1)));
      REQUIRE(tokenizer->decode({tokens.begin(), middle}, TextPart::whole) +
                  tokenizer->decode({middle, tokens.end()}, TextPart::continued) ==
              text);
    }
  }
}

TEST_CASE("bytes that are no UTF-8 are kept by tokens of bytes, too") {
  const auto tokenizer = open_tokenizer("llama2");
  const std::string text = "a\xFF b\xC3";
  CHECK(tokenizer->decode(tokenizer->encode(text), TextPart::whole) == text);
}

TEST_CASE("a token that the tokenizer does not know reads as U+FFFD") {
  CHECK(open_tokenizer("gpt2")->decode({kEnough}, TextPart::whole) == "\xEF\xBF\xBD");
}

TEST_CASE("a blank in front belongs to a text that goes on, and not to one that begins") {
  const auto tokenizer = open_tokenizer("llama2");
  const std::vector<int> tokens = tokenizer->encode("the LORD");
  CHECK(tokens.front() == 1);  // <s>
  CHECK(tokenizer->decode(tokens, TextPart::whole) == "the LORD");
  CHECK(tokenizer->decode({tokens.begin() + 1, tokens.end()}, TextPart::continued) == " the LORD");
}

TEST_CASE("the tokenizer of another model is refused") {
  const Json json = tokenizer_json("llama3");
  const int size = tokenizer_of(json)->size();
  CHECK(error_of(json, size).empty());
  CHECK(error_of(json, size - 1) ==
        "t.json: token 414, \"<mask>\", is beyond the model's vocabulary of 414: it is another model's tokenizer");
}

TEST_CASE("what a tokenizer.json asks for and is not supported is refused by its name") {
  const Json good = tokenizer_json("llama3");
  REQUIRE(error_of(good).empty());
  const auto with = [&](const char* pointer, const Json& value) {
    Json json = good;
    json[Json::json_pointer(pointer)] = value;
    return error_of(json);
  };
  using Catch::Equals;
  const Json kind = {{"type", "X"}};
  CHECK_THAT(with("/model/type", "WordPiece"), Equals("t.json: model: type is \"WordPiece\"; supported: BPE"));
  CHECK_THAT(with("/model/type", "Unigram"), Equals("t.json: model: type is \"Unigram\"; supported: BPE"));
  CHECK_THAT(with("/model/dropout", 0.1), Equals("t.json: model: dropout is 0.1, which is not supported"));
  CHECK_THAT(with("/model/end_of_word_suffix", "</w>"), Catch::Contains("end_of_word_suffix is \"</w>\""));
  CHECK_THAT(with("/model/new_key", 1), Equals("t.json: model: new_key is a key that is not supported"));
  CHECK_THAT(with("/model/vocab/a", -1), Equals("t.json: model: vocab: \"a\" is -1, no token id"));
  CHECK_THAT(with("/model/vocab/a", 3), Equals("t.json: model: vocab: \"a\" has the id of \"$\""));
  CHECK_THAT(with("/model/merges/0", "a b c"), Catch::Contains("merges[0] is \"a b c\", not two tokens"));
  CHECK_THAT(with("/model/merges/0", Json::array({"q", "q"})),
             Catch::Contains("merges[0] is [\"q\",\"q\"], not two tokens"));
  CHECK_THAT(with("/model/unk_token", "none"), Catch::Contains("unk_token is \"none\"; supported: a token"));
  CHECK_THAT(with("/normalizer", kind), Catch::Contains("t.json: normalizer: type is \"X\"; supported: NFC,"));
  CHECK_THAT(with("/pre_tokenizer", {{"type", "BertPreTokenizer"}}),
             Catch::Contains("pre_tokenizer: type is \"BertPreTokenizer\""));
  CHECK_THAT(with("/pre_tokenizer/pretokenizers/1/type", "Whitespace"),
             Catch::Contains("pretokenizers[1]: type is \"Whitespace\""));
  CHECK_THAT(with("/pre_tokenizer/pretokenizers/0/behavior", "MergedWithNext"),
             Catch::Contains("behavior is \"MergedWithNext\""));
  CHECK_THAT(with("/pre_tokenizer/pretokenizers/0/pattern/Regex", "^a"), Catch::Contains("\"^\" at position 0"));
  CHECK_THAT(with("/post_processor", {{"type", "BertProcessing"}}),
             Catch::Contains("post_processor: type is \"BertProcessing\""));
  CHECK_THAT(with("/decoder", {{"type", "WordPiece"}}), Catch::Contains("decoder: type is \"WordPiece\""));
  CHECK_THAT(with("/decoder", nullptr), Equals("t.json: decoder is missing"));
  CHECK_THAT(with("/truncation", {{"max_length", 512}}),
             Catch::Contains("truncation is {\"max_length\":512}, which is not"));
  CHECK_THAT(with("/padding", {{"length", 1}}), Catch::Contains("padding is"));
  CHECK_THAT(with("/added_tokens/0/single_word", true), Catch::Contains("added_tokens[0]: single_word is true"));
  CHECK_THAT(with("/added_tokens/0/id", 3),
             Equals("t.json: added_tokens[0]: id is 3, but the vocabulary says otherwise"));
  CHECK_THAT(with("/extra", 1), Equals("t.json: extra is a key that is not supported"));
  CHECK_THAT(error_of(Json::array()), Equals("t.json: is not a JSON object"));
  CHECK_THAT(error_of(Json::object()), Equals("t.json: model is missing"));
}

TEST_CASE("steps that each write a text longer do not take all memory") {
  const Json doubles = {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aa"}};
  const auto steps = [](const Json& step) { return Json(std::vector<Json>(60, step)); };
  const std::string more = "makes more than";
  Json json = tokenizer_json("llama2");
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", steps(doubles)}};
  CHECK_THROWS_WITH(tokenizer_of(json)->encode("a"),
                    Catch::Contains("t.json: normalizer: normalizers[") && Catch::Contains(more));
  json["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers", Json(std::vector<Json>(20, {{"type", "Prepend"}, {"prepend", std::string(10'000, 'b')}}))}};
  CHECK_THROWS_WITH(tokenizer_of(json)->encode("a"), Catch::Contains("t.json: normalizer: " + more));
  json = tokenizer_json("llama2");
  json["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", steps({{"type", "Metaspace"}, {"replacement", "  "}, {"split", false}})}};
  CHECK_THROWS_WITH(tokenizer_of(json)->encode("a"),
                    Catch::Contains("t.json: pre_tokenizer: pretokenizers[") && Catch::Contains(more));
  json = tokenizer_json("llama2");
  json["decoder"] = {{"type", "Sequence"}, {"decoders", steps(doubles)}};
  CHECK_THROWS_WITH(tokenizer_of(json), Catch::Contains("t.json: decoder: " + more));
}

TEST_CASE("a character without a token is the unknown one, or an error") {
  Json json = tokenizer_json("gpt2");
  json["model"]["vocab"].erase("z");
  json["model"]["vocab"].erase("ez");
  Json merges = Json::array();
  for (const Json& merge : json["model"]["merges"]) {
    if (merge.get<std::string>().find('z') == std::string::npos) merges.push_back(merge);
  }
  json["model"]["merges"] = merges;
  CHECK_THROWS_WITH(tokenizer_of(json)->encode("az"), "t.json: model: there is no token for \"z\"");
  json["model"]["unk_token"] = "!";
  const int unknown = json["model"]["vocab"]["!"];
  const int a = json["model"]["vocab"]["a"];
  CHECK(tokenizer_of(json)->encode("azz") == std::vector<int>{a, unknown, unknown});
  json["model"]["fuse_unk"] = true;
  CHECK(tokenizer_of(json)->encode("azz") == std::vector<int>{a, unknown});
}

TEST_CASE("a token that the post-processor adds is one of the vocabulary") {
  Json json = tokenizer_json("llama2");
  const int size = open_tokenizer("llama2")->size();
  Json& ids = json["post_processor"]["special_tokens"]["<s>"]["ids"];
  REQUIRE(ids.size() == 1);
  ids[0] = size - 1;
  CHECK(error_of(json, size).empty());
  ids[0] = size;
  CHECK(error_of(json, size) == "t.json: post_processor adds the token " + std::to_string(size) +
                                    ", which is beyond the model's vocabulary of " + std::to_string(size));
}

TEST_CASE("beginning- and end-of-text of the configuration and of the post-processor must agree") {
  const auto error = [](const char* family, std::optional<bool> begin, std::optional<bool> end) {
    try {
      make_tokenizer({tokenizer_json(family).dump(), "t.json", begin, end}, kEnough);
    } catch (const InputError& refused) {
      return std::string(refused.what());
    }
    return std::string();
  };
  CHECK(error("llama3", {}, {}).empty());
  CHECK(error("llama3", true, false).empty());
  CHECK(error("llama3", false, {}) ==
        "t.json: post_processor adds a token, but tokenizer_config.json beside it has add_bos_token false");
  CHECK(error("gpt2", true, {}) ==
        "t.json: post_processor adds no token, but tokenizer_config.json beside it has add_bos_token true");
  CHECK(error("neox", {}, false) ==
        "t.json: post_processor adds a token, but tokenizer_config.json beside it has add_eos_token false");
}

/// By a way that takes the square of the length it would be minutes.
TEST_CASE("a word of 100 kB is encoded") {
  std::mt19937 random(7);
  for (const char* family : {"gpt2", "llama3", "llama2"}) {
    const auto tokenizer = open_tokenizer(family);
    std::string letters(100000, 'a'), blanks(100000, ' '), word;
    while (word.size() < 100000) word += "etaoinshrdlu"[random() % 12];
    INFO(family);
    for (const std::string& text : {letters, word, "x" + blanks + "x"}) {
      CHECK((tokenizer->decode(tokenizer->encode(text), TextPart::whole) == text));
    }
  }
}

}  // namespace
}  // namespace flexcim
