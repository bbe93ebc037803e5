// Causal grouped-query attention over a growing key/value cache.
#pragma once

#include "flow/base/matrix.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

/// The first token that `token` sees: the last `window` up to it, itself among them.
inline std::size_t first_seen(std::size_t token, std::size_t window) { return token + 1 - std::min(window, token + 1); }
/// Pairs of one of the last `queries` of `length` tokens and one that it sees.
std::uint64_t visible_pairs(std::size_t length, std::size_t queries, std::size_t window);

/// Keys and values of one sequence in one block, kept in the panel order of matmul.h: appending is cheap and nothing is
/// repacked.
class KeyValueCache {
 public:
  KeyValueCache(std::size_t kv_heads, std::size_t head);

  std::size_t length() const { return length_; }  ///< tokens
  /// Appends the next tokens; keys and values are tokens x kv_heads*head.
  void append(MatrixView<const float> keys, MatrixView<const float> values);

  /// The causal attention of the last queries.rows tokens: out[t] = softmax(q K^T / sqrt(head)) V over the last
  /// `window` tokens up to t, itself among them. queries and out are tokens x heads*head; heads is a multiple of
  /// kv_heads, neighbouring heads share one. The result for a token is the same to the bit whether it is asked for
  /// alone or with others.
  void attend(MatrixView<const float> queries, MatrixView<float> out, std::size_t window) const;

 private:
  std::size_t kv_heads_;
  std::size_t head_;
  std::size_t value_panels_;  ///< panels that hold one head's value elements
  std::size_t length_ = 0;
  std::vector<std::vector<float>> keys_;    ///< per kv head: panels of kPanel tokens, each [head][kPanel]
  std::vector<std::vector<float>> values_;  ///< per kv head and panel of value elements: [token][kPanel]
};

}  // namespace flexcim
