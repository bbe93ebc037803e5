#include "flow/text/token_decoder.h"

#include "flow/text/byte_alphabet.h"
#include "flow/text/byte_tokens.h"
#include "flow/text/normalizer.h"

namespace flexcim {

TokenDecoder::TokenDecoder(JsonObject json) : where_(json.where()) { add(std::move(json)); }

void TokenDecoder::add(JsonObject json) {
  const std::string kind = json.text("type");
  if (kind == "Sequence") {
    for (const JsonObject& each : json.list("decoders")) add(each);
  } else if (kind == "ByteLevel") {
    byte_level_ = true;
    json.ignore({"add_prefix_space", "trim_offsets", "use_regex"});
  } else if (kind == "ByteFallback") {
    byte_fallback_ = true;
  } else if (kind == "Fuse") {
    // All is one text here anyway.
  } else if (kind == "Replace") {
    JsonObject pattern = json.object("pattern");
    replaced_.emplace_back(pattern.text("String"), json.text("content"));
    pattern.finish();
    if (replaced_.back().first.empty()) json.fail("pattern", "is empty");
  } else if (kind == "Strip") {
    if (json.text("content") != " ") json.refuse("content", "\" \"");
    if (json.id("start") > 1) json.refuse("start", "0 and 1");
    if (json.id("start") == 1) blank_in_front_ = true;
    json.require_off("stop");
  } else if (kind == "Metaspace") {
    replaced_.emplace_back(json.text("replacement"), " ");
    const bool prefix = json.flag("add_prefix_space", true);
    if (json.text("prepend_scheme", prefix ? "always" : "never") != "never") blank_in_front_ = true;
    json.ignore({"split", "str_rep"});
  } else {
    json.refuse("type", "ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace and Sequence");
  }
  json.finish();
}

std::string TokenDecoder::bytes_of(const std::string& token) const {
  if (byte_fallback_) {
    if (const auto byte = byte_of_token(token)) return std::string(1, *byte);
  }
  std::string bytes = token;
  const std::size_t most = most_written(token.size());
  for (const auto& [words, by] : replaced_) replace_all(bytes, words, by, most, where_);
  if (!byte_level_) return bytes;
  const std::string characters = bytes;
  return bytes_of_characters(characters, bytes) ? bytes : characters;
}

}  // namespace flexcim
