#include "tlm/accelerator/weight_fetcher.h"

#include <algorithm>

namespace flexcim {

WeightFetcher::WeightFetcher(Dma& dma, const AcceleratorParameters& parameters, std::function<void()> notify)
    : dma_(dma), parameters_(parameters), notify_(std::move(notify)) {}

void WeightFetcher::start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from) {
  stop();
  alive_ = std::make_shared<int>(0);
  descriptor_ = &descriptor;
  plan_ = &plan;
  start_ = from;
  rows_requested_ = rows_filled_ = 0;
  col_ = 0;
  failed_ = false;
  free_halves_ = {from, from};
  request_directory(from);
  request_directory(from);
  fill_halves();
}

void WeightFetcher::stop() {
  alive_.reset();
  directories_.clear();
  while (!batches_.empty()) drop_batch();
  free_halves_.clear();
  plan_ = nullptr;
}

void WeightFetcher::request_directory(Cycle from) {
  const auto rows = static_cast<std::uint64_t>(plan_->rows);
  if (rows_requested_ == rows * static_cast<std::uint64_t>(plan_->token_tiles)) return;
  const int row = static_cast<int>(rows_requested_++ % rows);
  const int first = row * parameters_.array.outputs;
  const int count = std::min(parameters_.array.outputs, plan_->grid.outputs - first);
  const std::uint64_t row_bytes = static_cast<std::uint64_t>(plan_->grid.inputs) * kDirectoryEntryBytes;

  auto directory = std::make_shared<Directory>();
  directory->bytes.resize(row_bytes * static_cast<std::uint64_t>(count));
  const std::uint64_t offset = row_bytes * static_cast<std::uint64_t>(first);
  directories_.push_back(directory);
  const bool inside = offset + directory->bytes.size() <= descriptor_->weights_bytes;
  if (!inside || parameters_.weights_resident) {
    directory->arrived = true;
    directory->at = start_;
    if (!inside) {
      directory->error = ErrorCode::image_bounds;
    } else if (!dma_.debug_read(descriptor_->weights + offset, directory->bytes.data(), directory->bytes.size())) {
      directory->error = ErrorCode::dma_address;
    }
    return;
  }
  DmaRequest request;
  request.channel = DmaChannel::directory;
  request.address = descriptor_->weights + offset;
  request.data = directory->bytes.data();
  request.row_bytes = directory->bytes.size();
  request.from = from;
  request.on_done = [this, directory, alive = std::weak_ptr<int>(alive_)](ErrorCode error, Cycle at) {
    if (alive.expired()) return;
    directory->arrived = true;
    directory->error = error;
    directory->at = at;
    fill_halves();
  };
  dma_.post(std::move(request));
}

void WeightFetcher::fill_halves() {
  while (!failed_ && !directories_.empty() && directories_.front()->arrived && !free_halves_.empty()) {
    const Cycle free_since = parameters_.weights_resident ? start_ : free_halves_.front();
    free_halves_.pop_front();
    const Cycle from = std::max(free_since, directories_.front()->at);
    if (!fill_half(from)) break;
    if (col_ == plan_->cols) {
      col_ = 0;
      ++rows_filled_;
      directories_.pop_front();
      request_directory(from);
    }
  }
  notify_();
}

void WeightFetcher::fail(ErrorCode error, Cycle at) {
  auto batch = std::make_shared<Batch>();
  Item item;
  item.tile.error = error;
  item.tile.ready = at;
  batch->items.push_back(std::move(item));
  batches_.push_back(std::move(batch));
  failed_ = true;
}

WeightFetcher::Item WeightFetcher::make_item(int row, int col) const {
  Item item;
  const ArrayShape& array = parameters_.array;
  item.tile.entries.resize(static_cast<std::size_t>(array.count()));
  item.tile.blobs.resize(item.tile.entries.size(), nullptr);
  for (int i = 0; i < array.count(); ++i) {
    const int o = i / array.inputs, k = col * array.inputs + i % array.inputs;
    const int layer_o = row * array.outputs + o;
    if (layer_o >= plan_->grid.outputs || k >= plan_->grid.inputs) continue;
    const std::size_t at = (static_cast<std::size_t>(o) * plan_->grid.inputs + k) * kDirectoryEntryBytes;
    const DirectoryEntry entry = read_directory_entry(directories_.front()->bytes.data() + at);
    const std::uint64_t end = static_cast<std::uint64_t>(entry.offset) + entry.bytes;
    if (entry.offset % kBlobAlignment != 0 || entry.bytes % kBlobAlignment != 0 || end > descriptor_->weights_bytes) {
      item.tile.error = ErrorCode::image_bounds;
    } else if (check_entry(parameters_.macro, plan_->layout, plan_->out, layer_o, entry) != ImageError::none) {
      item.tile.error = ErrorCode::image_size;
    }
    item.tile.entries[static_cast<std::size_t>(i)] = entry;
    item.tile.bytes += entry.bytes;
  }
  return item;
}

void WeightFetcher::place(Item& item, Batch& batch, std::uint64_t& used) const {
  std::vector<Segment>& segments = batch.segments;
  item.tile.buffer = batch.bytes;
  for (std::size_t i = 0; i < item.tile.entries.size(); ++i) {
    const DirectoryEntry& entry = item.tile.entries[i];
    if (entry.bytes == 0) continue;
    const std::uint64_t address = descriptor_->weights + entry.offset;
    if (segments.empty() || segments.back().request.address + segments.back().request.row_bytes != address) {
      Segment segment;
      segment.request.channel = DmaChannel::weights;
      segment.request.address = address;
      segment.request.data = batch.bytes.get() + used;
      segment.request.borrow = true;
      segments.push_back(std::move(segment));
    }
    item.tile.blobs[i] = batch.bytes.get() + used;
    segments.back().request.row_bytes += entry.bytes;
    used += entry.bytes;
    segments.back().blobs.push_back({segments.back().request.row_bytes, &item});
    ++item.missing;
  }
}

bool WeightFetcher::fill_half(Cycle from) {
  if (directories_.front()->error != ErrorCode::none) {
    fail(directories_.front()->error, from);
    return false;
  }
  const int row = static_cast<int>(rows_filled_ % static_cast<std::uint64_t>(plan_->rows));
  const bool resident = parameters_.weights_resident;
  auto batch = std::make_shared<Batch>();
  ErrorCode error = ErrorCode::none;
  for (; col_ < plan_->cols; ++col_) {
    Item item = make_item(row, col_);
    error = item.tile.error;
    if (error == ErrorCode::none && !resident && item.tile.bytes > parameters_.weight.bytes / 2) {
      error = ErrorCode::weights_do_not_fit;
    }
    if (error != ErrorCode::none) break;
    if (!resident && batch->size + item.tile.bytes > parameters_.weight.bytes / 2) break;
    batch->size += item.tile.bytes;
    batch->items.push_back(std::move(item));
  }
  if (!batch->items.empty()) {
    batch->bytes = buffer(batch->size);
    std::uint64_t used = 0;
    for (Item& item : batch->items) place(item, *batch, used);
    batches_.push_back(batch);
    post(batch, from);
  }
  if (error != ErrorCode::none) fail(error, from);
  return error == ErrorCode::none;
}

/// The first `bytes` bytes of a segment are there, or none of the rest will be. Whether that completes a tile.
bool WeightFetcher::arrive(Segment& segment, std::uint64_t bytes, Cycle at, ErrorCode error) {
  bool complete = false;
  for (; segment.arrived < segment.blobs.size(); ++segment.arrived) {
    const Segment::Blob& blob = segment.blobs[segment.arrived];
    if (blob.end > bytes && error == ErrorCode::none) break;
    FetchedTile& tile = blob.item->tile;
    tile.ready = std::max(tile.ready, at);
    if (error != ErrorCode::none && tile.error == ErrorCode::none) tile.error = error;
    complete = --blob.item->missing == 0 || complete;
  }
  return complete;
}

void WeightFetcher::post(const std::shared_ptr<Batch>& batch, Cycle from) {
  for (Segment& segment : batch->segments) {
    DmaRequest& request = segment.request;
    request.from = from;
    if (parameters_.weights_resident) {
      const bool read = dma_.debug_read(request.address, request.data, request.row_bytes);
      arrive(segment, request.row_bytes, from, read ? ErrorCode::none : ErrorCode::dma_address);
      continue;
    }
    request.first_milestone = segment.blobs.front().end;
    request.on_progress = [this, &segment, batch, alive = std::weak_ptr<int>(alive_)](std::uint64_t bytes, Cycle at) {
      if (alive.expired()) return bytes;
      if (arrive(segment, bytes, at, ErrorCode::none)) notify_();
      return segment.arrived < segment.blobs.size() ? segment.blobs[segment.arrived].end : bytes;
    };
    request.on_done = [this, &segment, batch, alive = std::weak_ptr<int>(alive_)](ErrorCode error, Cycle at) {
      if (alive.expired() || error == ErrorCode::none) return;
      if (arrive(segment, 0, at, error)) notify_();
    };
    dma_.post(std::move(request));
  }
}

const FetchedTile* WeightFetcher::next() {
  if (batches_.empty()) return nullptr;
  const Item& item = batches_.front()->items[batches_.front()->released];
  return item.missing == 0 ? &item.tile : nullptr;
}

const std::uint8_t* WeightFetcher::locate(const FetchedTile& tile, std::size_t i) const {
  return dma_.locate(tile.blobs[i], tile.entries[i].bytes);
}

/// A half of the weight buffer; more with weights_resident.
std::shared_ptr<std::uint8_t[]> WeightFetcher::buffer(std::uint64_t bytes) {
  const std::uint64_t half = parameters_.weight.bytes / 2;
  if (bytes > half) return std::shared_ptr<std::uint8_t[]>(new std::uint8_t[bytes]);
  const auto unused = std::find_if(buffers_.begin(), buffers_.end(), [](const auto& b) { return b.use_count() == 1; });
  if (unused != buffers_.end()) return *unused;
  buffers_.emplace_back(new std::uint8_t[half]);
  return buffers_.back();
}

void WeightFetcher::drop_batch() {
  if (batches_.front()->bytes) dma_.forget(batches_.front()->bytes.get(), batches_.front()->size);
  batches_.pop_front();
}

void WeightFetcher::release(Cycle at) {
  if (++batches_.front()->released < batches_.front()->items.size()) return;
  drop_batch();
  free_halves_.push_back(at);
  fill_halves();
}

}  // namespace flexcim
