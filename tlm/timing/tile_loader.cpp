#include "tlm/timing/tile_loader.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

TileLoader::TileLoader(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine,
                       CommandClock& clock, std::function<void()> notify)
    : parameters_(parameters),
      engine_(engine),
      clock_(clock),
      notify_(std::move(notify)),
      weights_(memory, parameters, engine.ahead(), [this] {
        load_ahead();
        notify_();
      }) {}

void TileLoader::start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from) {
  plan_ = &plan;
  row_ = {};
  col_ = 0;
  open_ = false;
  loaded_ = false;
  tiles_.clear();
  weights_.start(descriptor, plan, from);
}

void TileLoader::open(Cycle from) {
  open_ = true;
  on_compute().times = {from, from, from, from};
  load_ahead();
}

void TileLoader::stop(bool failed) {
  open_ = false;
  loaded_ = false;
  for (UsedTile& place : places_) place.tile = nullptr;
  weights_.stop();
  // Second cells that are full or half full take no other tile.
  if (failed && parameters_.weight_update == WeightUpdate::shadow) engine_.reset();
}

const UsedTile& TileLoader::use(Cycle run_end) {
  const bool shadow = parameters_.weight_update == WeightUpdate::shadow;
  TileTimes& before = on_compute().times;
  UsedTile& used = behind();
  TileTimes& times = used.times;
  before.run_end = run_end;
  const std::shared_ptr<ArrayTile>* tile = nullptr;
  if (!shadow) {
    tile = take(used);
    times.load_start = load_start(WeightUpdate::blocking, before, used.ready);
  }
  if (used.error != ErrorCode::none) {
    times.load_start = std::max(times.load_start, run_end);  // nobody hears of it before
    return used;
  }
  if (shadow) {
    times.first_phase = engine_.swap(first_phase(before, times.loaded) - 1);
    clock_.check();
    loaded_ = false;  // not before: weights may arrive while the engine suspends
  } else {
    tell_load(**tile, times.load_start);
    times.first_phase = engine_.load(times.load_start, *tile, parameters_.weight.port_bytes);
    times.loaded = times.first_phase - 1;
    clock_.check();
    release(used, times.first_phase);
  }
  used.exposed_cycles = exposed_load_cycles(before, times);
  on_compute_ ^= 1;
  load_ahead();
  return used;
}

/// Shadow: the next tile's load, once its weights and the second cells are there.
void TileLoader::load_ahead() {
  if (parameters_.weight_update != WeightUpdate::shadow || !open_ || loaded_ || clock_.aborted()) return;
  if (weights_.next() == nullptr) return;
  UsedTile& next = behind();
  loaded_ = true;
  const std::shared_ptr<ArrayTile>* const tile = take(next);
  next.times.load_start = load_start(WeightUpdate::shadow, on_compute().times, next.ready);
  if (next.error != ErrorCode::none) return;
  tell_load(**tile, next.times.load_start);
  next.times.loaded = engine_.load_shadow(next.times.load_start, *tile, parameters_.weight.port_bytes);
  release(next, next.times.loaded);
}

/// `used` is in the cells when `at` begins.
void TileLoader::release(const UsedTile& used, Cycle at) {
  if (listener_ != nullptr && !plan_->resident) {
    listener_->on_free(BufferId::weight, used.tile->bytes, at);
  }
  weights_.release(at);
}

void TileLoader::set_listener(BufferListener* listener) {
  listener_ = listener;
  weights_.set_listener(listener);
}

/// `tile` is the last one taken.
void TileLoader::tell_load(const ArrayTile& tile, Cycle start) {
  if (listener_ == nullptr || plan_->resident) return;
  BufferAccess access;
  access.buffer = BufferId::weight;
  access.kind = BufferAccess::Kind::load;
  access.part = part_;
  access.at = start;
  access.address = address_;
  access.row_bytes = tile.bytes;
  access.data = weights_.buffer().get() + address_;
  listener_->on_access(access);
}

void TileLoader::keep_weights() {
  for (PooledTile& pooled : tiles_) {
    ArrayTile& tile = *pooled.tile;
    if (tile.coming != nullptr) {
      const BlobView* const blobs = tile.coming->blobs.data() + tile.number * tile.blobs.size();
      std::copy_n(blobs, tile.blobs.size(), tile.blobs.begin());
      tile.coming = nullptr;
    }
    if (!pooled.borrows || pooled.tile.use_count() == 1) continue;
    std::uint64_t bytes = 0;
    for (const BlobView& blob : tile.blobs) bytes += blob.bytes;
    const std::shared_ptr<std::uint8_t[]> copy(new std::uint8_t[bytes]);
    std::uint8_t* to = copy.get();
    for (BlobView& blob : tile.blobs) {
      if (blob.weights == nullptr) continue;
      std::memcpy(to, blob.weights, blob.bytes);
      blob.move(to);
      to += blob.bytes;
    }
    tile.buffer = copy;
    pooled.borrows = false;
  }
  weights_.forget_coming();
}

/// One without weights.
TileLoader::PooledTile& TileLoader::new_tile() {
  auto unused = std::find_if(tiles_.begin(), tiles_.end(), [this](const PooledTile& pooled) {
    const ArrayTile* const tile = pooled.tile.get();
    return pooled.tile.use_count() == 1 && places_[0].tile != tile && places_[1].tile != tile;
  });
  if (unused == tiles_.end()) {
    unused = tiles_.insert(unused, {std::make_shared<ArrayTile>(), false});
    ArrayTile& added = *unused->tile;
    added.layout = plan_->layout;
    const auto macros = static_cast<std::size_t>(parameters_.array.count());
    added.out = plan_->out;
    added.blobs.resize(macros);
  }
  ArrayTile& tile = *unused->tile;
  std::fill(tile.blobs.begin(), tile.blobs.end(), BlobView());
  tile.phases = 0;
  tile.pass = {};
  unused->borrows = false;
  return *unused;
}

/// Decodes the next array tile. Null with an error.
const std::shared_ptr<ArrayTile>* TileLoader::take(UsedTile& used) {
  const FetchedTile& fetched = *weights_.next();
  used.ready = fetched.ready + parameters_.weight.decode_cycles();
  used.fill = &weights_.fill();
  used.error = fetched.error;
  used.tile = nullptr;
  if (used.error != ErrorCode::none) return nullptr;
  const auto macros = static_cast<std::size_t>(parameters_.array.count());
  const bool dataless = weights_.buffer() == nullptr;
  // Where one blob is half borrowed, all are copied: not when some have been looked up already.
  for (std::size_t i = 1; i < macros && !dataless; ++i) weights_.locate(fetched, i);
  if (weights_.coming() != nullptr && !weights_.coming()->finished && !engine_.ahead()->finish(*weights_.coming())) {
    weights_.leave_coming();
  }
  ComingTiles* const coming = weights_.coming();
  PooledTile& pooled = new_tile();
  ArrayTile& tile = *pooled.tile;
  if (tile.buffer != weights_.buffer()) tile.buffer = weights_.buffer();
  tile.bytes = fetched.bytes;
  part_ = weights_.part();
  if (listener_ != nullptr) address_ = fetched.bytes == 0 ? 0 : weights_.address(fetched);
  tile.row = row_.row * parameters_.array.outputs;
  tile.coming = coming;
  tile.number = weights_.number();
  tile.first_token = weights_.first_token(row_.token_tile);
  std::size_t i = 0;
  for (int o = tile.row; i < macros; ++o) {
    for (int k = 0; k < parameters_.array.inputs; ++k, ++i) {
      const FetchedBlob& from = fetched.blobs[i];
      if (from.entry.bytes == 0) continue;
      tile.phases = std::max<std::uint64_t>(tile.phases, from.entry.phases);
      if (dataless) {
        add_spread_pass(parameters_.macro, plan_->layout, plan_->out, o, from.entry.phases, tile.pass);
        continue;
      }
      ImageError error = ImageError::none;
      if (coming != nullptr) {
        pooled.borrows = true;
        if (!coming->good) error = coming->errors[tile.number * macros + i];
      } else {
        const std::uint8_t* const blob = weights_.locate(fetched, i);
        pooled.borrows = pooled.borrows || blob != from.data;
        error = view_blob(parameters_.macro, plan_->layout, plan_->out, o, from.entry, blob, tile.blobs[i]);
      }
      if (error != ImageError::none) {
        used.error = to_error_code(error);
        return nullptr;
      }
      const BlobView& view = coming != nullptr ? coming->blobs[tile.number * macros + i] : tile.blobs[i];
      add_pass(parameters_.macro, plan_->layout, plan_->out, o, view, tile.pass);
    }
  }
  if (++col_ == plan_->cols) {
    col_ = 0;
    row_ = plan_->next(row_);
  }
  used.tile = pooled.tile.get();
  return &pooled.tile;
}

}  // namespace flexcim
