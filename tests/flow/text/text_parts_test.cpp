// The parts of tokenizers.
#include "flow/base/error.h"
#include "flow/text/added_tokens.h"
#include "flow/text/base64.h"
#include "flow/text/byte_alphabet.h"
#include "flow/text/byte_tokens.h"
#include "flow/text/normalizer.h"
#include "flow/text/portable_pattern.h"
#include "flow/text/printable.h"
#include "flow/text/split_pattern.h"
#include "flow/text/utf8.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

TEST_CASE("UTF-8: code points there and back, and what is none") {
  for (const char32_t code : {0x0u, 0x7Fu, 0x80u, 0x7FFu, 0x800u, 0xD7FFu, 0xE000u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    const std::string character = to_utf8(code);
    CHECK(utf8_length(character) == character.size());
    CHECK(code_point(character) == code);
    CHECK(utf8_length(character.substr(0, character.size() - 1)) == 0);
  }
  CHECK(to_utf8(0x20AC) == "€");
  for (const char* none : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3(", "\xE2\x82", ""}) {
    CHECK(utf8_length(none) == 0);
  }
  CHECK(utf8_prefix("aé漢\xFFz") == 6);
}

TEST_CASE("printable: controls and bytes that are no UTF-8 are shown as numbers") {
  CHECK(printable("a\n\té漢") == "a\n\té漢");
  CHECK(printable("\x1B[2J\r\x7F") == "\\x1b[2J\\x0d\\x7f");
  CHECK(printable("\xC2\x9B\xFF\xE2\x82") == "\\xc2\\x9b\\xff\\xe2\\x82");
  CHECK(printable(std::string("a\0b", 3)) == "a\\x00b");
}

TEST_CASE("base64: RFC 4648") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text, "x") == bytes);
  }
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(from_base64(to_base64(all), "x") == all);
  for (const char* none : {"Zg=", "Z", "Zm9v!A==", "====", "Zm9\n"}) {
    CHECK_THROWS_WITH(from_base64(none, "x"), "x: is not base64");
  }
}

TEST_CASE("the alphabet of bytes is GPT-2's") {
  CHECK(byte_character('a') == "a");
  CHECK(byte_character(' ') == "Ġ");
  CHECK(byte_character('\n') == "Ċ");
  CHECK(byte_character(0) == "Ā");
  CHECK(byte_character(0xAD) == to_utf8(0x143));
  CHECK(byte_character(0xFF) == "ÿ");
  std::string all, characters, bytes;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  append_byte_characters(all, characters);
  REQUIRE(bytes_of_characters(characters, bytes));
  CHECK(bytes == all);
  CHECK_FALSE(bytes_of_characters("a b", bytes));
  CHECK(byte_token(0x0A) == "<0x0A>");
  CHECK(byte_of_token("<0xFF>") == '\xFF');
  for (const char* none : {"<0xfF>", "<0xF>", "x0xFF>", "<0xGG>", ""}) CHECK_FALSE(byte_of_token(none));
}

TEST_CASE("NFC composes what is UTF-8 and leaves the rest") {
  CHECK(nfc("abc") == "abc");
  CHECK(nfc("e\xCC\x81 A\xCC\x8A") == "é Å");
  CHECK(nfc("\xE1\x84\x80\xE1\x85\xA1") == "가");
  CHECK(nfc("\xFF\xCC\x81\xC3") == "\xFF\xCC\x81\xC3");
}

std::vector<std::string> pieces(const std::string& expression, const std::string& text) {
  std::vector<std::string> result;
  SplitPattern(expression, "p").split(text, [&](std::string_view piece, bool matches) {
    result.push_back((matches ? "+" : "-") + std::string(piece));
  });
  return result;
}

TEST_CASE("a pattern cuts a text into matches and what lies between") {
  using Pieces = std::vector<std::string>;
  CHECK(pieces(R"(\p{L}+)", "aé1b") == Pieces{"+aé", "-1", "+b"});
  CHECK(pieces(R"(\s+)", "a\xC2\x85\xE1\xA0\x8E b") == Pieces{"-a", "+\xC2\x85", "-\xE1\xA0\x8E", "+ ", "-b"});
  CHECK(pieces(R"([^\s]+|\S)", " \xE1\xA0\x8E") == Pieces{"- ", "+\xE1\xA0\x8E"});
  CHECK(pieces(R"(\s+(?!\S)|\s+)", "  \xFF ") == Pieces{"+  ", "-\xFF", "+ "});
  CHECK(pieces(R"(\d+)", "a٣") == Pieces{"-a", "+٣"});
  CHECK(pieces(R"((?i:'s))", "'S'ſ") == Pieces{"+'S", "+'ſ"});
  CHECK(pieces("a", "").empty());
}

TEST_CASE("patterns that PCRE2 would read differently are refused") {
  const std::pair<const char*, const char*> refused[] = {{"a.b", "\".\" at position 1"},
                                                         {"a$", "\"$\""},
                                                         {R"(\h)", "\"\\h\""},
                                                         {R"(\p{Han})", "\"\\p{Han}\""},
                                                         {R"(\p{^L})", "\"\\p{^L}\""},
                                                         {"[a[b]]", "\"[\" at position 2"},
                                                         {"[a&&b]", "\"&&\""},
                                                         {"[]a]", "\"]\""},
                                                         {R"([\S])", "\"\\S\""},
                                                         {"(?<n>a)", "\"?<\""},
                                                         {"(?>a)", "\"?>\""},
                                                         {"a{,2}", "\"{,\""},
                                                         {"a{1,2}+", "\"}+\""},
                                                         {"(a", "no regular expression"},
                                                         {"[a", "has no end"},
                                                         {"a*", "matches the empty text"},
                                                         {R"(\1)", "\"\\1\""}};
  for (const auto& [expression, message] : refused) {
    CHECK_THAT(message_of<InputError>([text = expression] { SplitPattern(text, "p"); }),
               Catch::StartsWith("p: ") && Catch::Contains(message));
  }
  CHECK(portable_pattern(R"([^\r\n\p{L}\p{N}]?\p{Lu}+|\p{N}{1,3}|\-[\[\]]++)", "p") ==
        R"([^\r\n\p{L}\p{N}]?\p{Lu}+|\p{N}{1,3}|\-[\[\]]++)");
}

AddedTokens tokens_of(const std::vector<nlohmann::json>& list) {
  AddedTokens tokens;
  for (const nlohmann::json& json : list) {
    const AddedToken token(JsonObject(json, "t"));
    tokens.add(token, token.content);
  }
  return tokens;
}

TEST_CASE("added tokens: the longest of the first, with the white space that they take") {
  const AddedTokens tokens = tokens_of({{{"id", 1}, {"content", "ab"}},
                                        {{"id", 2}, {"content", "abc"}},
                                        {{"id", 3}, {"content", "L"}, {"lstrip", true}},
                                        {{"id", 4}, {"content", "R"}, {"rstrip", true}}});
  const auto found = [&](const std::string& text) {
    std::string shown;
    for (const Segment& segment : tokens.find(text)) {
      shown += "[" + std::string(segment.text) + "]" + (segment.id < 0 ? "" : std::to_string(segment.id));
    }
    return shown;
  };
  CHECK(found("xabcab") == "[x][abc]2[ab]1");
  CHECK(found("aab") == "[a][ab]1");
  CHECK(found("x \xE3\x80\x80L y") == "[x][ \xE3\x80\x80L]3[ y]");
  CHECK(found("xR \n y") == "[x][R \n ]4[y]");
  CHECK(found("R  L") == "[R  ]4[L]3");
  CHECK(found("\xFFL\xC2R\xC2") == "[\xFF][L]3[\xC2][R]4[\xC2]");
  CHECK(found("").empty());
}

}  // namespace
}  // namespace flexcim
