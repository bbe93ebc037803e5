#include "flow/text/bpe.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/text/byte_tokens.h"
#include "flow/text/utf8.h"

#include <queue>
#include <tuple>

namespace flexcim {
namespace {

std::uint64_t pair_of(int left, int right) {
  return static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
}

/// Two neighbours that may become one; the next is that of the lowest rank, of these the leftmost.
struct Candidate {
  std::uint32_t rank = 0;
  int left = 0;  ///< position of the left one
  int id = 0;    ///< of what they become
  bool operator<(const Candidate& other) const { return std::tie(rank, left) > std::tie(other.rank, other.left); }
};

}  // namespace

Bpe::Bpe(JsonObject json) : where_(json.where()) {
  if (json.text("type", "BPE") != "BPE") json.refuse("type", "BPE");
  json.require_off("dropout");
  json.require_off("continuing_subword_prefix");
  json.require_off("end_of_word_suffix");
  read_vocabulary(json);
  read_merges(json);
  byte_tokens_.fill(-1);
  if (json.flag("byte_fallback", false)) {
    for (unsigned byte = 0; byte < 256; ++byte) byte_tokens_[byte] = id_of(byte_token(byte));
  }
  if (json.has("unk_token")) {
    const int id = id_of(json.text("unk_token"));
    if (id < 0) json.refuse("unk_token", "a token of the vocabulary");
    unknown_ = id;
  }
  fuse_unknown_ = json.flag("fuse_unk", false);
  whole_pieces_ = json.flag("ignore_merges", false);
  json.finish();
}

void Bpe::read_vocabulary(JsonObject& json) {
  const nlohmann::json& vocabulary = json.value("vocab");
  if (!vocabulary.is_object()) json.fail("vocab", "is no JSON object");
  ids_.reserve(vocabulary.size());
  for (const auto& item : vocabulary.items()) {
    const std::string where = where_ + ": vocab: " + json_text(item.key());
    const auto [place, fresh] = tokens_.emplace(token_id(item.value(), where), item.key());
    if (!fresh) throw InputError(where + " has the id of " + json_text(place->second));
    ids_[place->second] = place->first;
  }
  for (char32_t code = 0; code < short_.size(); ++code) short_[code] = id_of(to_utf8(code));
}

void Bpe::read_merges(JsonObject& json) {
  const nlohmann::json& merges = json.value("merges");
  if (!merges.is_array()) json.fail("merges", "is no list");
  merges_.reserve(merges.size());
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const nlohmann::json& merge = merges[rank];
    std::string left, right;
    if (merge.is_string()) {
      const auto text = merge.get<std::string>();
      const std::size_t blank = text.find(' ');
      left = text.substr(0, blank);
      if (blank != std::string::npos) right = text.substr(blank + 1);
    } else if (merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string()) {
      left = merge[0].get<std::string>();
      right = merge[1].get<std::string>();
    }
    const int left_id = id_of(left), right_id = id_of(right), id = id_of(left + right);
    if (left_id < 0 || right_id < 0 || id < 0) {
      json.fail("merges[" + std::to_string(rank) + "]", "is " + json_text(merge) + ", not two tokens whose sum is one");
    }
    merges_[pair_of(left_id, right_id)] = {static_cast<std::uint32_t>(rank), id};
  }
}

int Bpe::id_of(std::string_view token) const {
  const auto found = ids_.find(token);
  return found == ids_.end() ? -1 : found->second;
}

const Bpe::Merge* Bpe::merge_of(int left, int right) const {
  const auto found = merges_.find(pair_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

int Bpe::id_of_character(std::string_view character) const {
  if (character.size() > 2) return id_of(character);
  const char32_t code = code_point(character);
  return code < short_.size() ? short_[code] : id_of(character);
}

/// Whether there are tokens for the bytes of a character.
bool Bpe::add_bytes(std::string_view character, std::vector<Symbol>& symbols) const {
  const std::size_t size = symbols.size();
  for (const char byte : character) {
    const int id = byte_tokens_[static_cast<unsigned char>(byte)];
    if (id < 0) {
      symbols.resize(size);
      return false;
    }
    symbols.push_back({id});
  }
  return true;
}

std::vector<Bpe::Symbol> Bpe::symbols_of(std::string_view piece) const {
  std::vector<Symbol> symbols;
  bool behind_unknown = false;
  while (!piece.empty()) {
    const std::size_t valid = utf8_length(piece), length = valid == 0 ? 1 : valid;
    const std::string_view character = piece.substr(0, length);
    piece.remove_prefix(length);
    const int id = valid == 0 ? -1 : id_of_character(character);
    const bool known = id >= 0 || add_bytes(character, symbols);
    if (id >= 0) {
      symbols.push_back({id});
    } else if (!known) {
      if (!unknown_) {
        throw InputError(where_ + ": there is no token for " +
                         (valid == 0 ? "byte " + std::to_string(static_cast<unsigned char>(character[0]))
                                     : "\"" + std::string(character) + "\""));
      }
      if (!behind_unknown || !fuse_unknown_) symbols.push_back({*unknown_});
    }
    behind_unknown = !known;
  }
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    symbols[i].before = static_cast<int>(i) - 1;
    symbols[i].behind = i + 1 < symbols.size() ? static_cast<int>(i) + 1 : -1;
  }
  return symbols;
}

void Bpe::merge_all(std::vector<Symbol>& symbols) const {
  std::priority_queue<Candidate> candidates;
  const auto at = [&](int i) -> Symbol& { return symbols[static_cast<std::size_t>(i)]; };
  const auto consider = [&](int left) {
    if (left < 0 || at(left).behind < 0) return;
    const Merge* merge = merge_of(at(left).id, at(at(left).behind).id);
    if (merge != nullptr) candidates.push({merge->rank, left, merge->id});
  };
  for (int i = 0; i < static_cast<int>(symbols.size()); ++i) consider(i);
  while (!candidates.empty()) {
    const Candidate next = candidates.top();
    candidates.pop();
    Symbol& left = at(next.left);
    if (left.id < 0 || left.behind < 0) continue;
    Symbol& right = at(left.behind);
    const Merge* merge = merge_of(left.id, right.id);
    if (merge == nullptr || merge->rank != next.rank) continue;  // they were, before another merge
    left.id = next.id;
    right.id = -1;
    left.behind = right.behind;
    if (left.behind >= 0) at(left.behind).before = next.left;
    consider(left.before);
    consider(next.left);
  }
}

void Bpe::encode(std::string_view piece, std::vector<int>& ids) const {
  if (whole_pieces_) {
    const int whole = id_of(piece);
    if (whole >= 0) {
      ids.push_back(whole);
      return;
    }
  }
  std::vector<Symbol> symbols = symbols_of(piece);
  merge_all(symbols);
  for (const Symbol& symbol : symbols) {
    if (symbol.id >= 0) ids.push_back(symbol.id);
  }
}

}  // namespace flexcim
