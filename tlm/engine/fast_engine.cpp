#include "tlm/engine/fast_engine.h"

#include "flow/map/schedule.h"

namespace flexcim {

FastEngine::FastEngine(const MacroGeometry& geometry, ArrayShape shape, const AheadParameters& ahead)
    : geometry_(geometry),
      shape_(shape),
      latency_(static_cast<Cycle>(pipeline_latency(geometry))),
      passes_(static_cast<std::size_t>(shape.outputs)),
      ahead_(geometry, shape, ahead) {}

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
  if (tile_->coming == nullptr) {
    put_off(tile_->blobs.data(), activations);
  } else {
    coming_ = tile_->coming;
    run_ = tile_->number + 1;
    first_token_ = tile_->first_token;
    if (run_ == coming_->count) {
      ahead_.add(*coming_, first_token_, sums_);
      coming_ = nullptr;
    }
  }
  const Cycle end = start + activations.rows * pass_cycles;
  drained_ = end + latency_;
  return end;
}

/// A pass of each row of `activations` through the tiles with these blobs.
void FastEngine::put_off(const BlobView* blob, const MatrixView<const std::int8_t>& activations) {
  const auto inputs = static_cast<std::size_t>(layout_.tile_inputs);
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
  if (sums_path() != nullptr) add_each_pass();
}

/// Not all of the tiles whose products have been formed before have run: those that have are summed once more.
void FastEngine::put_off_coming() {
  const auto inputs = static_cast<std::size_t>(shape_.inputs) * static_cast<std::size_t>(layout_.tile_inputs);
  MatrixView<const std::int8_t> activations = coming_->activations;
  activations.data = activations.row(first_token_);
  activations.rows = sums_.rows;
  for (std::size_t tile = 0; tile < run_; ++tile, activations.data += inputs) {
    put_off(coming_->blobs.data() + tile * coming_->macros(), activations);
  }
  coming_ = nullptr;
}

/// The sums of every macro by themselves.
void FastEngine::add_each_pass() {
  const auto outputs = static_cast<std::size_t>(layout_.tile_outputs);
  std::int32_t* sums = sums_.data;
  std::size_t macro = 0;
  for (std::vector<TilePasses>& row : passes_) {
    std::vector<std::pair<std::size_t, Matrix<std::int32_t>>> psums;
    for (std::size_t k = 0, pass = 0; k < static_cast<std::size_t>(shape_.inputs); ++k, ++macro) {
      if (tile_->blobs[macro].weights == nullptr) continue;
      psums.emplace_back(macro, Matrix<std::int32_t>(sums_.rows, outputs));
      add_tile_products(geometry_, layout_, {row[pass++]}, psums.back().second, lines_);
    }
    for (std::size_t t = 0; t < sums_.rows; ++t) {
      for (const auto& [number, of_pass] : psums) {
        add_sums(number, of_pass.row(t), sums + t * sums_.stride, outputs);
      }
    }
    row.clear();
    sums += outputs;
  }
  buffers_.clear();
}

void FastEngine::complete() {
  if (coming_ != nullptr) put_off_coming();
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
