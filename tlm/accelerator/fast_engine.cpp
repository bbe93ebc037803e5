#include "tlm/accelerator/fast_engine.h"

#include "flow/map/schedule.h"
#include "tlm/accelerator/tile_matrix.h"

namespace flexcim {

FastEngine::FastEngine(const MacroGeometry& geometry, ArrayShape shape)
    : geometry_(geometry), shape_(shape), weights_(static_cast<std::size_t>(shape.count())) {}

Cycle FastEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  tile_ = std::move(tile);
  pass_events_ = {};
  const TileLayout& layout = tile_->layout;
  for (std::size_t i = 0; i < tile_->tiles.size(); ++i) {
    const Tile* macro_tile = tile_->tiles[i].get();
    if (macro_tile == nullptr) continue;
    Matrix<std::int16_t>& weights = weights_[i];
    if (weights.rows() != static_cast<std::size_t>(layout.tile_outputs) ||
        weights.cols() != static_cast<std::size_t>(layout.tile_inputs)) {
      weights = Matrix<std::int16_t>(static_cast<std::size_t>(layout.tile_outputs),
                                     static_cast<std::size_t>(layout.tile_inputs));
    }
    expand_tile(geometry_, layout, *macro_tile, weights);
    pass_events_ += flexcim::pass_events(geometry_, layout, *macro_tile);
    events_ += load_events(geometry_);
  }
  return start + load_cycles(geometry_, tile_->bytes, port_bytes);
}

Cycle FastEngine::run(Cycle start, MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators,
                      std::uint64_t pass_cycles) {
  const auto inputs = static_cast<std::size_t>(tile_->layout.tile_inputs);
  const auto outputs = static_cast<std::size_t>(tile_->layout.tile_outputs);
  for (std::size_t i = 0; i < tile_->tiles.size(); ++i) {
    if (tile_->tiles[i] == nullptr) continue;
    const std::size_t o = i / static_cast<std::size_t>(shape_.inputs), k = i % static_cast<std::size_t>(shape_.inputs);
    add_products(weights_[i].view(), {activations.data + k * inputs, activations.rows, inputs, activations.stride},
                 {accumulators.data + o * outputs, accumulators.rows, outputs, accumulators.stride});
  }
  events_ += pass_events_ * activations.rows;
  const Cycle end = start + activations.rows * pass_cycles;
  drained_ = end + static_cast<Cycle>(pipeline_latency(geometry_));
  return end;
}

void FastEngine::reset() {
  tile_.reset();
  drained_ = 0;
}

}  // namespace flexcim
