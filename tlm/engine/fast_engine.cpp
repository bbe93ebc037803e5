#include "tlm/engine/fast_engine.h"

#include "flow/map/schedule.h"

namespace flexcim {

FastEngine::FastEngine(const MacroGeometry& geometry, ArrayShape shape, int threads)
    : geometry_(geometry),
      shape_(shape),
      latency_(static_cast<Cycle>(pipeline_latency(geometry))),
      passes_(static_cast<std::size_t>(shape.outputs)),
      ahead_(geometry, shape, threads),
      before_(passes_.size()) {}

Cycle FastEngine::load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  tile_ = std::move(tile);
  return start + load_cycles(geometry_, tile_->bytes, port_bytes);
}

Cycle FastEngine::load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) {
  shadow_ = std::move(tile);
  return start + write_cycles(geometry_, shadow_->bytes, port_bytes);
}

Cycle FastEngine::swap(Cycle at) {
  tile_ = std::move(shadow_);
  return at + 1;
}

Cycle FastEngine::run(Cycle start, const MatrixView<const std::int8_t>& activations,
                      const MatrixView<std::int32_t>& accumulators, std::uint64_t pass_cycles) {
  if (buffers_.empty() || accumulators.data != sums_.data || accumulators.rows != sums_.rows) {
    complete();
    sums_ = accumulators;
  }
  if (buffers_.empty() || buffers_.back() != tile_->buffer) {
    buffers_.push_back(tile_->buffer);
    layout_ = tile_->layout;
  }
  if (tile_->coming != nullptr && tile_->number == 0) {
    coming_ = tile_->coming;
    for (std::size_t o = 0; o < passes_.size(); ++o) before_[o] = passes_[o].size();
  }
  const auto inputs = static_cast<std::size_t>(layout_.tile_inputs);
  const BlobView* blob = tile_->blobs.data();
  for (std::vector<TilePasses>& row : passes_) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(shape_.inputs); ++k, ++blob) {
      if (blob->weights == nullptr) continue;
      TilePasses& added = row.emplace_back();
      added.blob = *blob;
      added.activations.data = activations.data + k * inputs;
      added.activations.rows = activations.rows;
      added.activations.cols = inputs;
      added.activations.stride = activations.stride;
    }
  }
  if (coming_ != nullptr && tile_->coming == coming_ && tile_->number + 1 == coming_->count) {
    for (std::size_t o = 0; o < passes_.size(); ++o) passes_[o].resize(before_[o]);
    ahead_.add(*coming_, sums_);
    coming_ = nullptr;
  }
  const Cycle end = start + activations.rows * pass_cycles;
  drained_ = end + latency_;
  return end;
}

void FastEngine::complete() {
  coming_ = nullptr;
  const auto outputs = static_cast<std::size_t>(layout_.tile_outputs);
  std::int32_t* sums = sums_.data;
  for (std::vector<TilePasses>& row : passes_) {
    if (!row.empty()) add_tile_products(geometry_, layout_, row, {sums, sums_.rows, outputs, sums_.stride}, lines_);
    row.clear();
    sums += outputs;
  }
  buffers_.clear();
}

void FastEngine::reset() {
  tile_.reset();
  shadow_.reset();
  for (std::vector<TilePasses>& row : passes_) row.clear();
  buffers_.clear();
  coming_ = nullptr;
  ahead_.drop_all();
  drained_ = 0;
}

}  // namespace flexcim
