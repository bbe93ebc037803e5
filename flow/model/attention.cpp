#include "flow/model/attention.h"

#include "flow/model/matmul.h"
#include "flow/model/operators.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace flexcim {
namespace {

constexpr std::size_t kQueries =
    24;  // queries worked on together; later tokens than the last of them are not looked at

}  // namespace

KeyValueCache::KeyValueCache(std::size_t kv_heads, std::size_t head)
    : kv_heads_(kv_heads),
      head_(head),
      value_panels_((head + kPanel - 1) / kPanel),
      keys_(kv_heads),
      values_(kv_heads * value_panels_) {}

void KeyValueCache::append(MatrixView<const float> keys, MatrixView<const float> values) {
  assert(keys.cols == kv_heads_ * head_ && values.cols == keys.cols && values.rows == keys.rows);
  for (std::size_t t = 0; t < keys.rows; ++t, ++length_) {
    for (std::size_t h = 0; h < kv_heads_; ++h) {
      if (length_ % kPanel == 0) keys_[h].resize(keys_[h].size() + head_ * kPanel);
      float* lane = keys_[h].data() + length_ / kPanel * head_ * kPanel + length_ % kPanel;
      for (std::size_t i = 0; i < head_; ++i) lane[i * kPanel] = keys(t, h * head_ + i);
      for (std::size_t p = 0; p < value_panels_; ++p) {
        std::vector<float>& panel = values_[h * value_panels_ + p];
        const float* first = values.row(t) + h * head_ + p * kPanel;
        panel.insert(panel.end(), first, first + std::min(kPanel, head_ - p * kPanel));
        panel.resize((length_ + 1) * kPanel);
      }
    }
  }
}

void KeyValueCache::attend(MatrixView<const float> queries, MatrixView<float> out, std::size_t window) const {
  const std::size_t heads = queries.cols / head_;
  const float scale = 1.0f / std::sqrt(static_cast<float>(head_));
  Matrix<float> scores(kQueries, (length_ + kPanel - 1) / kPanel * kPanel);
  for (std::size_t first = 0; first < queries.rows; first += kQueries) {
    const std::size_t count = std::min(kQueries, queries.rows - first);
    const std::size_t seen = length_ - queries.rows + first + count;  // tokens up to the last of these queries
    const std::size_t earliest = first_seen(seen - count, window) / kPanel * kPanel;
    for (std::size_t h = 0; h < heads; ++h) {
      const std::size_t kv = h / (heads / kv_heads_);
      const MatrixView<const float> q(queries.row(first) + h * head_, count, head_, queries.stride);
      for (std::size_t s = earliest; s < seen; s += kPanel) {
        matmul_panel(q, keys_[kv].data() + s * head_, {scores.data() + s, count, kPanel, scores.cols()});
      }
      for (std::size_t t = 0; t < count; ++t) {
        const std::size_t token = seen - count + t, begin = first_seen(token, window);
        float* row = scores.row(t);
        softmax(row + begin, token + 1 - begin, scale);
        std::fill(row + earliest, row + begin, 0.0f);  // adding zeros changes no sum
        std::fill(row + token + 1, row + seen, 0.0f);
      }
      const MatrixView<const float> weights(scores.data() + earliest, count, seen - earliest, scores.cols());
      for (std::size_t p = 0; p < value_panels_; ++p) {
        const std::size_t columns = std::min(kPanel, head_ - p * kPanel);
        matmul_panel(weights, values_[kv * value_panels_ + p].data() + earliest * kPanel,
                     {out.row(first) + h * head_ + p * kPanel, count, columns, out.stride});
      }
    }
  }
}

std::uint64_t visible_pairs(std::size_t length, std::size_t queries, std::size_t window) {
  std::uint64_t pairs = 0;
  for (std::size_t token = length - queries; token < length; ++token) pairs += token + 1 - first_seen(token, window);
  return pairs;
}

}  // namespace flexcim
