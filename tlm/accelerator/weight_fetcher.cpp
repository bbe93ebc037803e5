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
  batches_.clear();
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
    } else if (entry.phases == 0 || entry.phases > std::max(parameters_.macro.cols, plan_->layout.scan_phases) ||
               entry.bytes != blob_bytes(parameters_.macro, plan_->layout, plan_->out, layer_o, entry.phases)) {
      item.tile.error = ErrorCode::image_size;
    }
    item.tile.entries[static_cast<std::size_t>(i)] = entry;
    item.tile.bytes += entry.bytes;
  }
  return item;
}

void WeightFetcher::place(Item& item, Batch& batch, std::vector<DmaRequest>& segments, std::uint64_t& used) const {
  item.tile.buffer = batch.bytes;
  for (std::size_t i = 0; i < item.tile.entries.size(); ++i) {
    const DirectoryEntry& entry = item.tile.entries[i];
    if (entry.bytes == 0) continue;
    const std::uint64_t address = descriptor_->weights + entry.offset;
    // Blobs that follow each other in memory are one transfer.
    if (segments.empty() || segments.back().address + segments.back().row_bytes != address) {
      DmaRequest request;
      request.channel = DmaChannel::weights;
      request.address = address;
      request.data = batch.bytes->data() + used;
      segments.push_back(std::move(request));
    }
    item.tile.blobs[i] = batch.bytes->data() + used;
    segments.back().row_bytes += entry.bytes;
    used += entry.bytes;
    item.pieces.push_back({segments.size() - 1, segments.back().row_bytes});
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
  std::vector<Item> items;
  std::uint64_t total = 0;
  ErrorCode error = ErrorCode::none;
  for (; col_ < plan_->cols; ++col_) {
    Item item = make_item(row, col_);
    error = item.tile.error;
    if (error == ErrorCode::none && !resident && item.tile.bytes > parameters_.weight.bytes / 2) {
      error = ErrorCode::weights_do_not_fit;
    }
    if (error != ErrorCode::none) break;
    if (!resident && total + item.tile.bytes > parameters_.weight.bytes / 2) break;
    total += item.tile.bytes;
    items.push_back(std::move(item));
  }
  if (!items.empty()) {
    auto batch = std::make_shared<Batch>();
    batch->bytes = std::make_shared<std::vector<std::uint8_t>>(total);
    std::vector<DmaRequest> segments;
    std::uint64_t used = 0;
    for (Item& item : items) place(item, *batch, segments, used);
    for (Item& item : items) batch->items.push_back(std::move(item));
    batches_.push_back(batch);
    for (DmaRequest& request : segments) request.from = from;
    post(batch, std::move(segments));
  }
  if (error != ErrorCode::none) fail(error, from);
  return error == ErrorCode::none;
}

void WeightFetcher::post(const std::shared_ptr<Batch>& batch, std::vector<DmaRequest> segments) {
  const auto arrive = [this, batch](std::size_t segment, std::uint64_t bytes, Cycle at, ErrorCode error) {
    for (Item& item : batch->items) {
      for (Piece& piece : item.pieces) {
        if (piece.arrived || piece.segment != segment || (piece.end > bytes && error == ErrorCode::none)) continue;
        piece.arrived = true;
        --item.missing;
        item.tile.ready = std::max(item.tile.ready, at);
        if (error != ErrorCode::none && item.tile.error == ErrorCode::none) item.tile.error = error;
      }
    }
  };
  for (std::size_t i = 0; i < segments.size(); ++i) {
    DmaRequest& request = segments[i];
    if (parameters_.weights_resident) {
      const bool read = dma_.debug_read(request.address, request.data, request.row_bytes);
      arrive(i, request.row_bytes, request.from, read ? ErrorCode::none : ErrorCode::dma_address);
      continue;
    }
    request.on_progress = [this, i, arrive, alive = std::weak_ptr<int>(alive_)](std::uint64_t bytes, Cycle at) {
      if (alive.expired()) return;
      arrive(i, bytes, at, ErrorCode::none);
      notify_();
    };
    request.on_done = [this, i, arrive, alive = std::weak_ptr<int>(alive_)](ErrorCode error, Cycle at) {
      if (alive.expired() || error == ErrorCode::none) return;
      arrive(i, 0, at, error);
      notify_();
    };
    dma_.post(std::move(request));
  }
}

const FetchedTile* WeightFetcher::next() {
  if (batches_.empty()) return nullptr;
  const Item& item = batches_.front()->items.front();
  return item.missing == 0 ? &item.tile : nullptr;
}

void WeightFetcher::release(Cycle at) {
  batches_.front()->items.pop_front();
  if (!batches_.front()->items.empty()) return;
  batches_.pop_front();
  free_halves_.push_back(at);
  fill_halves();
}

}  // namespace flexcim
