#include "flow/text/pre_tokenizer.h"

#include "flow/text/byte_alphabet.h"
#include "flow/text/normalizer.h"
#include "flow/text/split_pattern.h"

#include <memory>
#include <utility>

namespace flexcim {
namespace {

/// GPT-2's, which ByteLevel has built in.
constexpr const char* kByteLevelPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
constexpr const char* kPunctuation = R"([!-\/:-@\[-`{-~\p{P}])";

bool keep_all(bool /*matches*/) { return true; }

/// Writes each piece anew. `write(piece, i, text)` appends what becomes of piece i.
template <class Write>
void rewrite(Pieces& pieces, const std::string& where, const Write& write) {
  std::string text;
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < pieces.pieces.size(); ++i) {
    write(pieces.pieces[i], i, text);
    require_written(text, pieces.most, where);
    ends.push_back(text.size());
  }
  const std::string_view written = pieces.written.emplace_back(std::move(text));
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    pieces.pieces[i] = written.substr(begin, ends[i] - begin);
    begin = ends[i];
  }
}

bool starts_with(std::string_view text, std::string_view words) { return text.substr(0, words.size()) == words; }

/// Every occurrence of `words` begins a piece.
void cut_before(Pieces& pieces, const std::string& words) {
  std::vector<std::string_view> result;
  for (std::string_view piece : pieces.pieces) {
    for (std::size_t at = piece.find(words, 1); at != std::string_view::npos; at = piece.find(words, 1)) {
      result.push_back(piece.substr(0, at));
      piece.remove_prefix(at);
    }
    result.push_back(piece);
  }
  pieces.pieces = std::move(result);
}

}  // namespace

PreTokenizer::PreTokenizer(JsonObject json) { add(std::move(json)); }

void PreTokenizer::add(JsonObject json) {
  const std::string kind = json.text("type");
  if (kind == "Sequence") {
    for (const JsonObject& each : json.list("pretokenizers")) add(each);
  } else if (kind == "ByteLevel") {
    add_byte_level(json);
  } else if (kind == "Split") {
    add_split(json);
  } else if (kind == "Metaspace") {
    add_metaspace(json);
  } else if (kind == "Digits") {
    add_pattern({json.flag("individual_digits", false) ? R"(\p{N})" : R"(\p{N}+)", json.where()}, keep_all);
  } else if (kind == "Punctuation") {
    const std::string behavior = json.text("behavior", "Isolated");
    if (behavior != "Isolated" && behavior != "Contiguous") json.refuse("behavior", "Isolated and Contiguous");
    add_pattern({kPunctuation + std::string(behavior == "Contiguous" ? "+" : ""), json.where()}, keep_all);
  } else {
    json.refuse("type", "ByteLevel, Split, Digits, Punctuation, Metaspace and Sequence");
  }
  json.finish();
}

void PreTokenizer::add_pattern(SplitPattern&& pattern, std::function<bool(bool)> keep) {
  const auto shared = std::make_shared<const SplitPattern>(std::move(pattern));
  steps_.emplace_back([shared, keep = std::move(keep)](Pieces& pieces) {
    std::vector<std::string_view> result;
    for (const std::string_view piece : pieces.pieces) {
      shared->split(piece, [&](std::string_view part, bool matches) {
        if (keep(matches)) result.push_back(part);
      });
    }
    pieces.pieces = std::move(result);
  });
}

void PreTokenizer::add_byte_level(JsonObject& json) {
  json.ignore({"trim_offsets"});
  const bool prefix = json.flag("add_prefix_space", true);
  if (byte_level_) json.fail("type", "is ByteLevel for the second time");
  byte_level_ = true;
  if (prefix) {
    steps_.emplace_back([where = json.where()](Pieces& pieces) {
      rewrite(pieces, where, [](std::string_view piece, std::size_t /*i*/, std::string& text) {
        if (!starts_with(piece, " ")) text += ' ';
        text += piece;
      });
    });
  }
  if (json.flag("use_regex", true)) add_pattern({kByteLevelPattern, json.where()}, keep_all);
  steps_.emplace_back([where = json.where()](Pieces& pieces) {
    rewrite(pieces, where,
            [](std::string_view piece, std::size_t /*i*/, std::string& text) { append_byte_characters(piece, text); });
  });
}

void PreTokenizer::add_split(JsonObject& json) {
  JsonObject pattern = json.object("pattern");
  const std::string behavior = json.text("behavior");
  if (behavior != "Isolated" && behavior != "Removed") json.refuse("behavior", "Isolated and Removed");
  const bool invert = json.flag("invert", false), removed = behavior == "Removed";
  const auto keep = [=](bool matches) { return !removed || matches == invert; };
  if (pattern.has("Regex")) {
    add_pattern({pattern.text("Regex"), pattern.where()}, keep);
  } else {
    add_pattern(SplitPattern::of_words(pattern.text("String"), pattern.where()), keep);
  }
  pattern.finish();
}

void PreTokenizer::add_metaspace(JsonObject& json) {
  const std::string mark = json.text("replacement");
  const std::string scheme = json.text("prepend_scheme", json.flag("add_prefix_space", true) ? "always" : "never");
  if (mark.empty()) json.fail("replacement", "is empty");
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    json.refuse("prepend_scheme", "always, first and never");
  }
  json.ignore({"str_rep"});
  steps_.emplace_back([mark, scheme, where = json.where()](Pieces& pieces) {
    rewrite(pieces, where, [&](std::string_view piece, std::size_t i, std::string& text) {
      std::string marked(piece);
      replace_all(marked, " ", mark, pieces.most, where);
      const bool first = i == 0 && pieces.begins;
      if ((scheme == "always" || (scheme == "first" && first)) && !starts_with(marked, mark)) text += mark;
      text += marked;
    });
  });
  if (json.flag("split", true)) steps_.emplace_back([mark](Pieces& pieces) { cut_before(pieces, mark); });
}

Pieces PreTokenizer::cut(std::string_view text, bool begins) const {
  Pieces pieces;
  pieces.pieces = {text};
  pieces.begins = begins;
  pieces.most = most_written(text.size());
  for (const auto& step : steps_) step(pieces);
  return pieces;
}

}  // namespace flexcim
