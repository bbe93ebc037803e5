#include "tlm/accelerator/fast_engine.h"

#include "flow/map/schedule.h"

namespace flexcim {

FastEngine::FastEngine(const MacroGeometry& geometry, ArrayShape shape) : geometry_(geometry), shape_(shape) {}

Cycle FastEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  tile_ = std::move(tile);
  count_load(*tile_);
  return start + load_cycles(geometry_, tile_->bytes, port_bytes);
}

Cycle FastEngine::load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  shadow_ = std::move(tile);
  count_load(*shadow_);
  return start + write_cycles(geometry_, shadow_->bytes, port_bytes);
}

Cycle FastEngine::swap(Cycle at) {
  tile_ = std::move(shadow_);
  return at + 1;
}

void FastEngine::count_load(const ArrayTile& tile) {
  for (const BlobView& blob : tile.blobs) {
    if (blob.weights != nullptr) events_ += load_events(geometry_);
  }
}

Cycle FastEngine::run(Cycle start, MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators,
                      std::uint64_t pass_cycles) {
  runs_.push_back({tile_, activations, accumulators});
  events_ += tile_->pass_events * activations.rows;
  const Cycle end = start + activations.rows * pass_cycles;
  drained_ = end + static_cast<Cycle>(pipeline_latency(geometry_));
  return end;
}

void FastEngine::complete() {
  const Run* const end = runs_.data() + runs_.size();
  for (const Run* first = runs_.data(); first != end;) {
    const Run* last = first + 1;
    while (last != end && last->accumulators.data == first->accumulators.data &&
           last->accumulators.rows == first->accumulators.rows) {
      ++last;
    }
    complete(first, last);
    first = last;
  }
  runs_.clear();
}

/// Runs into the same accumulators: array tiles of the same outputs.
void FastEngine::complete(const Run* first, const Run* last) {
  const TileLayout& layout = first->tile->layout;
  const auto inputs = static_cast<std::size_t>(layout.tile_inputs);
  const auto outputs = static_cast<std::size_t>(layout.tile_outputs);
  for (std::size_t o = 0; o < static_cast<std::size_t>(shape_.outputs); ++o) {
    passes_.clear();
    for (const Run* run = first; run != last; ++run) {
      for (std::size_t k = 0; k < static_cast<std::size_t>(shape_.inputs); ++k) {
        const BlobView& blob = run->tile->blobs[o * static_cast<std::size_t>(shape_.inputs) + k];
        if (blob.weights == nullptr) continue;
        const MatrixView<const std::int8_t>& x = run->activations;
        passes_.push_back({blob, {x.data + k * inputs, x.rows, inputs, x.stride}});
      }
    }
    if (passes_.empty()) continue;
    const MatrixView<std::int32_t>& sums = first->accumulators;
    add_tile_products(geometry_, layout, passes_, {sums.data + o * outputs, sums.rows, outputs, sums.stride}, lines_);
  }
}

void FastEngine::reset() {
  tile_.reset();
  shadow_.reset();
  runs_.clear();
  drained_ = 0;
}

}  // namespace flexcim
