// Attention with its two products in int8, as an accelerator forms them: queries times keys, probabilities times
// values.
#pragma once

#include "flow/base/matrix.h"
#include "flow/model/language_model.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>
#include <vector>

namespace flexcim {

/// Keys and values of one sequence in one block as int8 weights: a row for each token and key/value head, with a scale
/// of its own (flow/pack/quantize.h). A row never changes.
class Int8Cache {
 public:
  Int8Cache(std::size_t kv_heads, std::size_t head) : head_(head), keys_(kv_heads), values_(kv_heads) {}

  std::size_t length() const { return length_; }  ///< tokens
  std::size_t kv_heads() const { return keys_.size(); }
  /// Appends the next tokens; keys and values are tokens x kv_heads*head. Throws NotFiniteError that begins with `what`
  /// for a value that is not finite.
  void append(std::string_view what, MatrixView<const float> keys, MatrixView<const float> values);

  /// length() x head, in -127..127; valid until the next append().
  MatrixView<const std::int8_t> keys(std::size_t kv_head) const { return rows_of(keys_[kv_head]); }
  MatrixView<const std::int8_t> values(std::size_t kv_head) const { return rows_of(values_[kv_head]); }
  const float* key_scales(std::size_t kv_head) const { return keys_[kv_head].scales.data(); }  ///< by token
  const float* value_scales(std::size_t kv_head) const { return values_[kv_head].scales.data(); }

 private:
  struct Rows {
    std::vector<std::int8_t> values;
    std::vector<float> scales;
  };

  void append(Rows& rows, const float* row) const;
  MatrixView<const std::int8_t> rows_of(const Rows& rows) const { return {rows.values.data(), length_, head_}; }

  const std::size_t head_;
  std::size_t length_ = 0;
  std::vector<Rows> keys_, values_;  ///< by key/value head
};

enum class AttentionProduct {
  scores,          ///< rows of queries (int8, x head) times the keys of `seen` tokens: rows x seen
  weighted_values  ///< rows of weights (int8, x seen) times the values of `seen` tokens: rows x head
};

/// A product of one key/value head with all queries that share it, of some neighbouring tokens.
struct AttentionTask {
  AttentionProduct product = AttentionProduct::scores;
  std::size_t kv_head = 0;
  std::size_t seen = 0;  ///< tokens of the cache, from its first
};

/// The weights of a product, out x in: seen x head keys, or the head x seen values.
Matrix<std::int8_t> attention_weights(const Int8Cache& cache, const AttentionTask& task);

/// Forms the products of one pass of a block, in order. Sums are exact.
class AttentionProducts {
 public:
  virtual ~AttentionProducts() = default;
  /// `cache`, which outlives the products, has `tokens` new ones at its end. Comes before the first product.
  virtual void appended(const Int8Cache& cache, std::size_t tokens) = 0;
  /// Begins a product with `inputs` (rows x in) behind those that have not been finished.
  virtual void start(const AttentionTask& task, Matrix<std::int8_t> inputs) = 0;
  /// The sums (rows x out) of the first product that has not been finished.
  virtual Matrix<std::int32_t> finish() = 0;
  /// Whether it works while others are begun and finished: up to three products have not been finished then.
  virtual bool overlaps() const { return false; }
};

/// By the golden model.
class GoldenAttention : public AttentionProducts {
 public:
  void appended(const Int8Cache& cache, std::size_t) override { cache_ = &cache; }
  void start(const AttentionTask& task, Matrix<std::int8_t> inputs) override;
  Matrix<std::int32_t> finish() override;

 private:
  const Int8Cache* cache_ = nullptr;
  std::deque<Matrix<std::int32_t>> sums_;
};

/// Tokens whose queries a product takes at most: what the last of them sees, all are multiplied with.
constexpr std::size_t kQueryTokens = 128;

/// The causal attention of the last queries.rows tokens of `cache` over the last `window` tokens up to each, as
/// KeyValueCache::attend. Queries are quantized by token and head; the softmax is in float; probabilities take over the
/// scales of the values, then each row of them is quantized. What is no product is told to `runner` as its cost. The
/// result for a token is the same to the bit whether it is asked for alone or with others. Throws NotFiniteError that
/// begins with `what` for a query that is not finite.
void attend_int8(std::string_view what, const Int8Cache& cache, MatrixView<const float> queries, MatrixView<float> out,
                 std::size_t window, AttentionProducts& products, LinearRunner& runner);

}  // namespace flexcim
