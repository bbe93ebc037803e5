#include "tlm/engine/tile_products.h"

#include "flow/base/simd.h"
#include "tlm/engine/line_products.h"

#include <algorithm>

namespace flexcim {

namespace {

FLEXCIM_SIMD_LOOPS std::int32_t dot_loops(const std::int16_t* a, const std::int8_t* b, std::size_t count) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] * static_cast<std::int16_t>(b[i]);
  return sum;
}
constexpr auto dot = simd_kernel<dot_loops>;

/// What a pass multiplies each input of a tile by: layout.tile_outputs x layout.tile_inputs, row lane * C + column.
class TileMatrix {
 public:
  TileMatrix(const MacroGeometry& geometry, const TileLayout& layout)
      : g_(geometry),
        layout_(layout),
        weights_(static_cast<std::size_t>(layout.tile_outputs), static_cast<std::size_t>(layout.tile_inputs)) {}

  /// With the selects of the phase that is the `turn`-th, from 0, to select a column; a good image has one for each.
  MatrixView<const std::int16_t> expand(const BlobView& blob, int turn) {
    std::fill_n(weights_.data(), weights_.size(), std::int16_t{0});
    more_turns_ = false;
    for (int c = 0; c < blob.columns_used; ++c) {
      for (int lane = 0; lane < layout_.lanes; ++lane) {
        for (int which = 0; which < layout_.cell_weights; ++which) expand_column(blob, lane, c, which, turn);
      }
    }
    return {weights_.data(), weights_.rows(), weights_.cols(), weights_.cols()};
  }
  /// Whether a phase behind those of the last turn selects any column once more.
  bool more_turns() const { return more_turns_; }

 private:
  /// `which`: of the weights of a cell.
  void expand_column(const BlobView& blob, int lane, int c, int which, int turn) {
    const int subs = layout_.slots * layout_.blocks_per_row;
    const int active = layout_.active_sub_macros();
    const bool selects = layout_.selects;
    int phase = which;
    const auto find_phase = [&] {
      while (phase < blob.phases && !blob.selects(g_, layout_, phase, lane, c)) phase += layout_.cell_weights;
      return phase < blob.phases;
    };
    if (selects) {
      for (int i = 0; i < turn; ++i, phase += layout_.cell_weights) find_phase();
      if (!find_phase()) return;
      const int chosen = phase;
      phase += layout_.cell_weights;
      more_turns_ = more_turns_ || (blob.columns != nullptr && find_phase());
      phase = chosen;
    }
    std::int16_t* row = weights_.row(static_cast<std::size_t>(lane) * g_.cols + c) +
                        static_cast<std::ptrdiff_t>(which) * layout_.weight_inputs();
    for (int p = lane * subs; p < (lane + 1) * subs; ++p) {
      const int block = p / layout_.slots % layout_.blocks_per_row;
      const std::size_t cells = (static_cast<std::size_t>(c) * active + p) * g_.rows;
      const std::size_t bases = (static_cast<std::size_t>(phase) * active + p) * g_.rows;
      for (int r = 0; r < g_.rows; ++r) {
        const int metadata = static_cast<int>(
            plane_field(blob.metadata, (cells + r) * layout_.cell_weights + which, layout_.metadata_bits));
        int input = metadata;  // in a scan, the index itself
        if (selects) {
          const int base = static_cast<int>(plane_field(blob.bases, bases + r, layout_.select_bits));
          input = (base + metadata / 2) % layout_.block_pairs * 2 + metadata % 2;
        }
        // Empty slots may point anywhere, and a bad image may name an input twice: add as the hardware does.
        std::int16_t& weight = row[(r * layout_.blocks_per_row + block) * layout_.block_inputs + input];
        const CellWord word{static_cast<std::int8_t>(blob.weights[cells + r]), 0};
        weight =
            static_cast<std::int16_t>(weight + (layout_.cell_weights == 1 ? word.weight : int4_of(word, which).weight));
      }
    }
  }

  const MacroGeometry& g_;
  const TileLayout& layout_;
  Matrix<std::int16_t> weights_;
  bool more_turns_ = false;
};

}  // namespace

bool prefers_many_tokens() {
  const bool pairs = simd() >= Simd::avx2 && simd() < Simd::avx512vbmi;
  return pairs || simd() >= Simd::amx;
}

void add_tile_products(const MacroGeometry& geometry, const TileLayout& layout, const std::vector<TilePasses>& passes,
                       MatrixView<std::int32_t> sums, DataLineCache& cache) {
  if (add_line_products(geometry, layout, passes, sums, cache)) return;
  TileMatrix matrix(geometry, layout);
  const auto inputs = static_cast<std::size_t>(layout.tile_inputs);
  for (const TilePasses& each : passes) {
    int turn = 0;
    do {
      const MatrixView<const std::int16_t> weights = matrix.expand(each.blob, turn++);
      for (std::size_t t = 0; t < sums.rows; ++t) {
        for (std::size_t o = 0; o < weights.rows; ++o)
          sums(t, o) += dot(weights.row(o), each.activations.row(t), inputs);
      }
    } while (matrix.more_turns());
  }
}

}  // namespace flexcim
