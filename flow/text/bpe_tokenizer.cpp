#include "flow/text/bpe_tokenizer.h"

#include "flow/text/token_decoder.h"

namespace flexcim {
namespace {

/// Pieces of at most so many bytes are remembered, at most so many of them.
constexpr std::size_t kShort = 64, kRemembered = 1 << 17;

}  // namespace

BpeTokenizer::BpeTokenizer(JsonObject json) : bpe_(json.object("model")) {
  json.ignore({"version"});
  json.require_off("truncation");
  json.require_off("padding");
  if (json.has("normalizer")) normalizer_ = Normalizer(json.object("normalizer"));
  if (json.has("pre_tokenizer")) pre_tokenizer_ = PreTokenizer(json.object("pre_tokenizer"));
  const TokenDecoder decoder(json.object("decoder"));
  blank_in_front_ = decoder.blank_in_front();
  for (const auto& [id, token] : bpe_.tokens()) bytes_[id] = decoder.bytes_of(token);
  if (json.has("added_tokens")) read_added_tokens(json);
  if (json.has("post_processor")) read_post_processor(json.object("post_processor"));
  json.finish();
}

void BpeTokenizer::read_added_tokens(JsonObject& json) {
  for (const JsonObject& each : json.list("added_tokens")) {
    const AddedToken token(each);
    const int same = bpe_.id_of(token.content);
    const auto there = bpe_.tokens().find(token.id);
    if ((same >= 0 && same != token.id) || (there != bpe_.tokens().end() && there->second != token.content)) {
      each.fail("id", "is " + std::to_string(token.id) + ", but the vocabulary says otherwise");
    }
    bytes_[token.id] = token.content;
    if (token.normalized) {
      const std::string content = normalizer_.apply(token.content);
      if (!content.empty()) added_normalized_.add(token, content);
    } else {
      added_.add(token, token.content);
    }
  }
}

void BpeTokenizer::read_post_processor(JsonObject json) {
  const std::string kind = json.text("type");
  if (kind == "Sequence") {
    for (const JsonObject& each : json.list("processors")) read_post_processor(each);
  } else if (kind == "TemplateProcessing") {
    read_template(json);
  } else if (kind == "ByteLevel") {
    json.ignore({"add_prefix_space", "trim_offsets", "use_regex"});  // it changes offsets alone
  } else {
    json.refuse("type", "TemplateProcessing, ByteLevel and Sequence");
  }
  json.finish();
}

void BpeTokenizer::read_template(JsonObject& json) {
  json.ignore({"pair"});
  if (!before_.empty() || !behind_.empty()) json.fail("type", "is TemplateProcessing for the second time");
  JsonObject specials = json.object("special_tokens");
  bool text_has_been = false;
  for (JsonObject& item : json.list("single")) {
    if (item.has("Sequence")) {
      if (text_has_been) json.fail("single", "has the text twice");
      text_has_been = true;
      continue;
    }
    const std::string name = item.object("SpecialToken").text("id");
    const nlohmann::json& ids = specials.object(name).value("ids");
    std::vector<int>& side = text_has_been ? behind_ : before_;
    for (const nlohmann::json& id : ids) side.push_back(token_id(id, specials.where() + ": " + name + ": ids"));
    item.finish();
  }
  if (!text_has_been) json.fail("single", "has no text");
}

void BpeTokenizer::append(std::string_view text, std::vector<int>& tokens) const {
  Known known;
  for (const Segment& segment : added_.find(text)) {
    if (segment.id >= 0) {
      tokens.push_back(segment.id);
      continue;
    }
    const std::string normalized = normalizer_.apply(segment.text);
    const bool first = segment.text.data() == text.data();
    for (const Segment& part : added_normalized_.find(normalized)) {
      if (part.id >= 0) {
        tokens.push_back(part.id);
      } else {
        append_segment(part.text, first && part.text.data() == normalized.data(), known, tokens);
      }
    }
  }
}

void BpeTokenizer::append_segment(std::string_view segment, bool begins, Known& known, std::vector<int>& tokens) const {
  for (const std::string_view piece : pre_tokenizer_.cut(segment, begins).pieces) {
    if (piece.size() > kShort || known.size() == kRemembered) {
      bpe_.encode(piece, tokens);
      continue;
    }
    const auto [place, fresh] = known.try_emplace(std::string(piece));
    if (fresh) bpe_.encode(piece, place->second);
    tokens.insert(tokens.end(), place->second.begin(), place->second.end());
  }
}

}  // namespace flexcim
