#include "flow/model/int8_attention.h"

#include "flow/base/finite.h"
#include "flow/model/attention.h"
#include "flow/model/golden.h"
#include "flow/model/int8_runner.h"
#include "flow/model/operators.h"
#include "flow/pack/quantize.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace flexcim {

std::unique_ptr<AttentionProducts> LinearRunner::attention(int /*block*/) { return nullptr; }

void Int8Cache::append(Rows& rows, const float* row) const {
  const float scale = int8_scale(max_abs(row, head_));
  rows.scales.push_back(scale);
  rows.values.resize(rows.values.size() + head_);
  quantize_weights(row, head_, scale, rows.values.data() + rows.values.size() - head_);
}

void Int8Cache::append(std::string_view what, MatrixView<const float> keys, MatrixView<const float> values) {
  require_finite(keys, what, "keys");
  require_finite(values, what, "values");
  for (std::size_t t = 0; t < keys.rows; ++t) {
    for (std::size_t h = 0; h < kv_heads(); ++h) {
      append(keys_[h], keys.row(t) + h * head_);
      append(values_[h], values.row(t) + h * head_);
    }
  }
  length_ += keys.rows;
}

Matrix<std::int8_t> attention_weights(const Int8Cache& cache, const AttentionTask& task) {
  const bool scores = task.product == AttentionProduct::scores;
  const MatrixView<const std::int8_t> rows = scores ? cache.keys(task.kv_head) : cache.values(task.kv_head);
  Matrix<std::int8_t> weights(scores ? task.seen : rows.cols, scores ? rows.cols : task.seen);
  for (std::size_t s = 0; s < task.seen; ++s) {
    for (std::size_t i = 0; i < rows.cols; ++i) (scores ? weights(s, i) : weights(i, s)) = rows(s, i);
  }
  return weights;
}

void GoldenAttention::start(const AttentionTask& task, Matrix<std::int8_t> inputs) {
  sums_.push_back(golden_gemm(attention_weights(*cache_, task), inputs));
}

Matrix<std::int32_t> GoldenAttention::finish() {
  Matrix<std::int32_t> sums = std::move(sums_.front());
  sums_.pop_front();
  return sums;
}

namespace {

/// Attention of one pass, key/value head by head, some tokens of queries at a time.
class Attention {
 public:
  Attention(std::string_view what, const Int8Cache& cache, MatrixView<const float> queries, MatrixView<float> out,
            std::size_t window, AttentionProducts& products, LinearRunner& runner)
      : cache_(cache),
        queries_(queries),
        out_(out),
        window_(window),
        products_(products),
        runner_(runner),
        head_(cache.keys(0).cols),
        group_(queries.cols / (cache.kv_heads() * head_)),
        softmax_scale_(1.0f / std::sqrt(static_cast<float>(head_))) {
    require_finite(queries, what, "queries");
    for (std::size_t first = 0; first < queries.rows; first += kQueryTokens) {
      const std::size_t count = std::min(kQueryTokens, queries.rows - first);
      for (std::size_t h = 0; h < cache.kv_heads(); ++h) {
        items_.push_back({h, first, count, cache.length() - queries.rows + first + count, {}, {}});
      }
    }
  }

  /// Where products overlap with the host, the scores of an item are formed while those before it are worked on.
  void run() {
    MemoryUse scales{0, queries_.rows};
    for (const Item& item : items_) scales.read += item.kv_head == 0 ? item.seen : 0;
    runner_.on_operator(OperatorClass::attention, 0, scales);
    const bool overlaps = products_.overlaps();
    if (overlaps) start_scores(items_.front());
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const std::size_t next = overlaps ? i + 1 : i;
      if (next < items_.size()) start_scores(items_[next]);
      weigh(items_[i]);
      if (!overlaps) finish_values(items_[i]);
      if (overlaps && i > 0) finish_values(items_[i - 1]);
    }
    if (overlaps) finish_values(items_.back());
  }

 private:
  struct Item {
    std::size_t kv_head;
    std::size_t first, count;                        ///< of the tokens of queries
    std::size_t seen;                                ///< tokens up to the last of these, from the first of all
    std::vector<float> query_scales, weight_scales;  ///< by row: a token's heads follow each other
  };

  /// Each row with a scale of its own.
  static Matrix<std::int8_t> quantized(const Matrix<float>& rows, std::vector<float>& scales) {
    QuantizedInput input = quantize_input("attention", rows, 0);
    scales = std::move(input.scales);
    return std::move(input.values);
  }

  void start_scores(Item& item) {
    Matrix<float> rows(item.count * group_, head_);
    for (std::size_t t = 0; t < item.count; ++t) {
      std::copy_n(queries_.row(item.first + t) + item.kv_head * group_ * head_, group_ * head_, rows.row(t * group_));
    }
    runner_.on_operator(OperatorClass::quantize, rows.size());
    products_.start({AttentionProduct::scores, item.kv_head, item.seen}, quantized(rows, item.query_scales));
  }

  /// From scores to weights, with which the product of values begins.
  void weigh(Item& item) {
    const Matrix<std::int32_t> sums = products_.finish();
    const float* const key_scales = cache_.key_scales(item.kv_head);
    const float* const value_scales = cache_.value_scales(item.kv_head);
    Matrix<float> rows(sums.rows(), item.seen);
    std::uint64_t visible = 0;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
      const std::size_t end = item.seen - item.count + r / group_ + 1, begin = first_seen(end - 1, window_);
      float* const row = rows.row(r);
      for (std::size_t s = begin; s < end; ++s) row[s] = dequantize(sums(r, s), item.query_scales[r], key_scales[s]);
      softmax(row + begin, end - begin, softmax_scale_);
      for (std::size_t s = begin; s < end; ++s) row[s] *= value_scales[s];
      visible += end - begin;
    }
    using C = OperatorClass;
    for (const C each : {C::dequantize, C::softmax, C::elementwise, C::quantize}) runner_.on_operator(each, visible);
    products_.start({AttentionProduct::weighted_values, item.kv_head, item.seen}, quantized(rows, item.weight_scales));
  }

  void finish_values(const Item& item) {
    const Matrix<std::int32_t> sums = products_.finish();
    for (std::size_t r = 0; r < sums.rows(); ++r) {
      float* const to = out_.row(item.first + r / group_) + (item.kv_head * group_ + r % group_) * head_;
      for (std::size_t i = 0; i < head_; ++i) to[i] = dequantize(sums(r, i), item.weight_scales[r], 1.0f);
    }
    runner_.on_operator(OperatorClass::dequantize, sums.size());
  }

  const Int8Cache& cache_;
  const MatrixView<const float> queries_;
  const MatrixView<float> out_;
  const std::size_t window_;
  AttentionProducts& products_;
  LinearRunner& runner_;
  const std::size_t head_, group_;  ///< group_: heads of queries for each of keys and values
  const float softmax_scale_;
  std::vector<Item> items_;
};

}  // namespace

void attend_int8(std::string_view what, const Int8Cache& cache, MatrixView<const float> queries, MatrixView<float> out,
                 std::size_t window, AttentionProducts& products, LinearRunner& runner) {
  Attention(what, cache, queries, out, window, products, runner).run();
}

}  // namespace flexcim
