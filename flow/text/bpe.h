// Byte-pair encoding: how the characters of a piece become tokens (Sennrich et al., arXiv 1508.07909).
#pragma once

#include "flow/text/json_object.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace flexcim {

/// The "model" of a tokenizer.json, of kind BPE.
class Bpe {
 public:
  /// Throws InputError naming kind or key for another kind of model, for dropout and marks of words (which are not
  /// supported), and for merges of tokens that are not in the vocabulary or that are written as neither "a b" nor
  /// ["a","b"].
  explicit Bpe(JsonObject json);

  /// The tokens of a piece that is not empty, appended: its characters, of which again and again those two neighbours
  /// that the first merge names become one, the leftmost first. O(n log n). What is no UTF-8 is a character a byte.
  /// Throws InputError naming a character that has no token, where there is none for unknown ones either.
  void encode(std::string_view piece, std::vector<int>& ids) const;

  const std::map<int, std::string>& tokens() const { return tokens_; }  ///< by id
  /// -1 where there is none.
  int id_of(std::string_view token) const;

 private:
  struct Merge {
    std::uint32_t rank = 0;
    int id = 0;
  };
  struct Symbol {
    int id = 0;
    int before = -1, behind = -1;  ///< its neighbours, -1: none
  };
  void read_vocabulary(JsonObject& json);
  void read_merges(JsonObject& json);
  const Merge* merge_of(int left, int right) const;
  int id_of_character(std::string_view character) const;
  bool add_bytes(std::string_view character, std::vector<Symbol>& symbols) const;
  std::vector<Symbol> symbols_of(std::string_view piece) const;
  void merge_all(std::vector<Symbol>& symbols) const;

  std::string where_;
  std::map<int, std::string> tokens_;
  std::unordered_map<std::string_view, int> ids_;  ///< views of tokens_
  std::unordered_map<std::uint64_t, Merge> merges_;
  std::array<int, 0x180> short_{};      ///< by code point: those of bytes, and their alphabet
  std::array<int, 256> byte_tokens_{};  ///< <0x00>..<0xFF>, where byte_fallback is on; -1: none
  std::optional<int> unknown_;
  bool fuse_unknown_ = false;
  bool whole_pieces_ = false;  ///< ignore_merges: a piece that is a token is that token
};

}  // namespace flexcim
