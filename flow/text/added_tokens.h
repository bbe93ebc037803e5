// Tokens that are found in a text before anything else.
#pragma once

#include "flow/text/json_object.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace flexcim {

/// One of the "added_tokens" of a tokenizer.json.
struct AddedToken {
  /// Throws InputError naming the key for single_word, which is not supported.
  explicit AddedToken(JsonObject json);

  int id = 0;
  std::string content;
  bool left = false, right = false;  ///< takes the white space beside it with it (lstrip, rstrip)
  bool normalized = false;           ///< is looked for behind the normalizer, in what it makes of the content
};

/// A stretch of a text: an added token, or what lies between them.
struct Segment {
  std::string_view text;
  int id = -1;  ///< of the token; -1: none
};

class AddedTokens {
 public:
  void add(const AddedToken& token, const std::string& content);
  /// The text in order, nothing empty: of the tokens that begin at the same place the longest, of those that overlap
  /// the first.
  std::vector<Segment> find(std::string_view text) const;

 private:
  const AddedToken* longest(std::string_view text, std::size_t& length) const;

  std::vector<AddedToken> tokens_;
  std::vector<int> ends_{-1};                              ///< by node of the tree: the token that ends there, or -1
  std::unordered_map<std::uint64_t, std::uint32_t> next_;  ///< (node, byte) -> node
  std::array<bool, 256> first_{};                          ///< bytes that a token begins with
};

}  // namespace flexcim
