#include "tlm/timing/weight_fetcher.h"

#include <algorithm>

namespace flexcim {

namespace {
/// That are formed together, of all batches.
constexpr std::uint64_t kMostSums = 4 << 20;
constexpr std::uint64_t kMostTokenTiles = 64;
}  // namespace

WeightFetcher::WeightFetcher(MemoryPort& memory, const AcceleratorParameters& parameters, ProductsAhead* products,
                             std::function<void()> notify)
    : memory_(memory), parameters_(parameters), products_(products), notify_(std::move(notify)) {}

void WeightFetcher::start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from) {
  stop();
  descriptor_ = &descriptor;
  plan_ = &plan;
  start_ = from;
  requested_ = filled_ = {};
  col_ = 0;
  failed_ = false;
  for (int part = 0; part < parameters_.weight.parts(); ++part) free_parts_.push_back({part, from});
  request_directory(from);
  request_directory(from);
  fill_parts();
}

void WeightFetcher::stop() {
  directory_count_ = 0;
  while (!batches_.empty()) drop_batch(0);
  free_parts_.clear();
  set_inputs(-1, {});
  forget_coming();
  plan_ = nullptr;
}

void WeightFetcher::request_directory(Cycle from) {
  if (requested_.token_tile == plan_->token_tiles) return;
  const int first = requested_.row * parameters_.array.outputs;
  const int count = std::min(parameters_.array.outputs, plan_->grid.outputs - first);
  requested_ = plan_->next(requested_);
  const std::uint64_t row_bytes = static_cast<std::uint64_t>(plan_->grid.inputs) * kDirectoryEntryBytes;

  Directory& asked = directories_[(directory_ + directory_count_++) % directories_.size()];
  asked.bytes.resize(row_bytes * static_cast<std::uint64_t>(count));
  asked.arrived = false;
  asked.at = 0;
  asked.error = ErrorCode::none;
  const std::uint64_t offset = row_bytes * static_cast<std::uint64_t>(first);
  const bool inside = offset + asked.bytes.size() <= descriptor_->weights_bytes;
  if (!inside || plan_->resident) {
    asked.arrived = true;
    asked.at = start_;
    if (!inside) {
      asked.error = ErrorCode::image_bounds;
    } else if (!memory_.debug_read(descriptor_->weights + offset, asked.bytes.data(), asked.bytes.size())) {
      asked.error = ErrorCode::dma_address;
    }
    return;
  }
  DmaRequest request;
  request.channel = DmaChannel::directory;
  request.address = descriptor_->weights + offset;
  request.data = asked.bytes.data();
  request.row_bytes = asked.bytes.size();
  request.from = from;
  request.on_done = [this, &asked](ErrorCode error, Cycle at) {
    asked.arrived = true;
    asked.error = error;
    asked.at = at;
    fill_parts();
  };
  memory_.post(std::move(request));
}

void WeightFetcher::fill_parts() {
  while (!failed_ && directory_count_ != 0 && directory().arrived && !free_parts_.empty()) {
    const FreePart free = free_parts_.front();
    free_parts_.pop_front();
    const Cycle from = std::max(plan_->resident ? start_ : free.since, directory().at);
    if (!fill_part(free.part, from)) break;
    if (col_ == plan_->cols) {
      col_ = 0;
      filled_ = plan_->next(filled_);
      directory_ = (directory_ + 1) % directories_.size();
      --directory_count_;
      request_directory(from);
    }
  }
  notify_();
}

/// One without blobs, in the last place.
WeightFetcher::Batch& WeightFetcher::new_batch() {
  if (unused_batches_.empty()) unused_batches_.push_back(std::make_unique<Batch>());
  Batch& batch = *batches_.emplace_back(std::move(unused_batches_.back()));
  unused_batches_.pop_back();
  batch.fill = &fills_[next_fill_];
  *batch.fill = {};
  next_fill_ = (next_fill_ + 1) % fills_.size();
  return batch;
}

void WeightFetcher::fail(ErrorCode error, Cycle at) {
  Item& item = new_batch().items.emplace_back();
  item.tile.error = error;
  item.tile.ready = at;
  failed_ = true;
  memory_.pause();
}

/// Appends the blobs of array tile (row, col_), which have `bytes` bytes.
ErrorCode WeightFetcher::add_blobs(Batch& batch, int row, std::uint64_t& bytes) const {
  ErrorCode error = ErrorCode::none;
  const ArrayShape& array = parameters_.array;
  for (int o = 0; o < array.outputs; ++o) {
    const int layer_o = row * array.outputs + o;
    for (int k = col_ * array.inputs; k < (col_ + 1) * array.inputs; ++k) {
      FetchedBlob& blob = batch.blobs.emplace_back();
      if (layer_o >= plan_->grid.outputs || k >= plan_->grid.inputs) continue;
      const std::size_t at = (static_cast<std::size_t>(o) * plan_->grid.inputs + k) * kDirectoryEntryBytes;
      const DirectoryEntry entry = read_directory_entry(directory().bytes.data() + at);
      const std::uint64_t end = static_cast<std::uint64_t>(entry.offset) + entry.bytes;
      if (entry.offset % kBlobAlignment != 0 || entry.bytes % kBlobAlignment != 0 || end > descriptor_->weights_bytes) {
        error = ErrorCode::image_bounds;
      } else if (check_entry(parameters_.macro, plan_->layout, plan_->out, layer_o, entry) != ImageError::none) {
        error = ErrorCode::image_size;
      }
      blob.entry = entry;
      bytes += entry.bytes;
    }
  }
  return error;
}

/// Gives the blobs of a batch their places, one behind the other, and divides them into transfers.
void WeightFetcher::place(Batch& batch) const {
  std::vector<Segment>& segments = batch.segments;
  std::uint8_t* data = batch.bytes.get();
  FetchedBlob* blob = batch.blobs.data();
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    Item& item = batch.items[i];
    item.tile.blobs = blob;
    for (FetchedBlob* const end = blob + parameters_.array.count(); blob != end; ++blob) {
      const std::uint32_t bytes = blob->entry.bytes;
      if (bytes == 0) continue;
      const std::uint64_t address = descriptor_->weights + blob->entry.offset;
      if (segments.empty() || segments.back().address + segments.back().bytes != address) {
        segments.push_back({&batch, address, data, 0, batch.coming.size(), batch.coming.size(), 0});
      }
      Segment& segment = segments.back();
      segment.bytes += bytes;
      batch.coming.emplace_back(segment.bytes, i);
      segment.end = batch.coming.size();
      ++item.missing;
      if (data == nullptr) continue;
      blob->data = data;
      data += bytes;
    }
  }
}

bool WeightFetcher::fill_part(int part, Cycle from) {
  if (directory().error != ErrorCode::none) {
    fail(directory().error, from);
    return false;
  }
  const std::uint64_t room = plan_->resident ? ~std::uint64_t{0} : part_bytes();
  Batch& batch = new_batch();
  batch.part = part;
  const int first_col = col_;
  ErrorCode error = ErrorCode::none;
  for (; col_ < plan_->cols; ++col_) {
    std::uint64_t bytes = 0;
    error = add_blobs(batch, filled_.row, bytes);
    if (error == ErrorCode::none && bytes > room) error = ErrorCode::weights_do_not_fit;
    if (error != ErrorCode::none || batch.size + bytes > room) break;
    batch.size += bytes;
    batch.items.emplace_back().tile.bytes = bytes;
  }
  if (batch.items.empty()) {
    drop_batch(batches_.size() - 1);
  } else {
    if (!memory_.dataless()) batch.bytes = new_buffer(batch.size);
    place(batch);
    form_ahead(batch, first_col);
    post(batch, from);
  }
  if (error != ErrorCode::none) fail(error, from);
  return error == ErrorCode::none;
}

void WeightFetcher::set_inputs(int token_tile, MatrixView<const std::int8_t> activations) {
  token_tile_ = token_tile;
  activations_ = activations;
  if (products_ == nullptr) return;
  // The buffer takes other activations: of a group of one token tile they are what products are formed of.
  if (token_tile < 0 && group_.end == group_.begin + 1) products_->drop_all();
  if (token_tile < 0 || (group_.begin <= token_tile && token_tile < group_.end)) return;
  // All batches but the last of a row fill at least half of their part.
  const std::uint64_t batches =
      static_cast<std::uint64_t>(plan_->rows) + 2 * std::uint64_t{descriptor_->weights_bytes} / part_bytes();
  const std::uint64_t sums =
      batches * static_cast<std::uint64_t>(plan_->token_tile) * static_cast<std::uint64_t>(plan_->array_outputs);
  const auto most = static_cast<int>(std::clamp<std::uint64_t>(kMostSums / sums, 1, kMostTokenTiles));
  begin_group(std::min(token_tile + most, plan_->token_tiles));
}

/// The present token tile and those behind it up to `end`, if it is known what will pass in these.
void WeightFetcher::begin_group(int end) {
  products_->drop_all();  // nobody looks at the inputs of the group before
  formed_.clear();
  group_ = {token_tile_, token_tile_ + 1, activations_};
  if (end == group_.end || memory_.dataless() || shows_bytes()) return;
  const std::uint64_t first = static_cast<std::uint64_t>(group_.end) * static_cast<std::uint64_t>(plan_->token_tile);
  const auto tokens = static_cast<std::uint64_t>(std::min(plan_->tokens, end * plan_->token_tile)) - first;
  const std::uint64_t stride = descriptor_->activation_stride, in = descriptor_->in;
  const std::uint8_t* source = memory_.foresee(descriptor_->activations + first * stride, (tokens - 1) * stride + in);
  if (source == nullptr) return;
  const std::size_t rows = activations_.rows, cols = activations_.cols;
  if (foreseen_.rows() != rows + tokens || foreseen_.cols() != cols) foreseen_ = {rows + tokens, cols};
  for (std::size_t t = 0; t < rows; ++t) std::copy_n(activations_.row(t), cols, foreseen_.row(t));
  for (std::size_t t = rows; t < rows + tokens; ++t, source += stride) {
    std::fill_n(std::copy_n(source, in, foreseen_.row(t)), cols - in, std::int8_t{0});
  }
  group_.end = end;
  group_.inputs = {foreseen_.data(), rows + tokens, cols, cols};
}

/// Has the products of a batch formed, if its bytes and what passes through its tiles are known to stand.
void WeightFetcher::form_ahead(Batch& batch, int first_col) {
  if (products_ == nullptr || shows_bytes() || !batch.bytes) return;
  if (filled_.row == 0 && first_col == 0) next_number_ = 0;
  batch.number = next_number_++;
  if (filled_.token_tile < group_.begin || filled_.token_tile >= group_.end) return;
  if (formed_.size() <= batch.number) formed_.resize(batch.number + 1);
  batch.ahead = formed_[batch.number];
  if (filled_.token_tile != group_.begin) return fetch_formed(batch.number);
  const MatrixView<const std::int8_t>& inputs = group_.inputs;
  ComingTiles* const coming = products_->begin(batch.size * inputs.rows, group_.end - group_.begin);
  if (coming == nullptr) return;
  coming->layout = plan_->layout;
  coming->out = plan_->out;
  coming->row = filled_.row * parameters_.array.outputs;
  coming->count = batch.items.size();
  const std::size_t first = static_cast<std::size_t>(first_col) * static_cast<std::size_t>(plan_->array_inputs);
  coming->activations = {inputs.data + first, inputs.rows, inputs.cols - first, inputs.stride};
  coming->blobs.assign(batch.blobs.size(), BlobView());
  const FetchedBlob* from = batch.blobs.data();
  const auto per_row = static_cast<std::size_t>(parameters_.array.inputs);
  for (const Segment& segment : batch.segments) {
    const std::uint8_t* source = memory_.foresee(segment.address, segment.bytes);
    if (source == nullptr) return products_->drop(*coming);
    for (const std::uint8_t* const end = source + segment.bytes; source != end; ++from) {
      if (from->entry.bytes == 0) continue;
      const auto at = static_cast<std::size_t>(from - batch.blobs.data());
      const int o = coming->row + static_cast<int>(at / per_row) % parameters_.array.outputs;
      coming->blobs[at] = find_planes(parameters_.macro, plan_->layout, plan_->out, o, from->entry, source);
      source += from->entry.bytes;
    }
  }
  products_->post(*coming);
  batch.ahead = formed_[batch.number] = coming;
}

/// Has what was formed for an earlier token tile come from far away: for batch `number`, and whatever leads to it for
/// the one behind it.
void WeightFetcher::fetch_formed(std::size_t number) const {
  const auto fetch = [](const auto* begin, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; i += 64) __builtin_prefetch(reinterpret_cast<const char*>(begin) + i);
  };
  if (number + 1 < formed_.size()) fetch(formed_[number + 1], sizeof(ComingTiles));
  const ComingTiles* const coming = formed_[number];
  if (coming == nullptr || !coming->finished) return;
  fetch(coming->blobs.data(), coming->blobs.size() * sizeof(BlobView));
  const std::size_t first = first_token(filled_.token_tile);
  fetch(coming->sums.row(first),
        static_cast<std::size_t>(plan_->tokens_in(filled_.token_tile)) * coming->sums.cols() * 4);
}

void WeightFetcher::forget_coming() {
  if (products_ == nullptr) return;
  for (const auto& batch : batches_) batch->ahead = nullptr;
  begin_group(token_tile_ + 1);
}

void WeightFetcher::leave_coming() {
  Batch& batch = *batches_.front();
  batch.ahead = formed_[batch.number] = nullptr;
}

/// What `progress` tells of a segment is there, or none of the rest will be. Whether that completes a tile.
bool WeightFetcher::arrive(Segment& segment, const DmaProgress& progress, ErrorCode error) {
  Batch& batch = *segment.batch;
  bool complete = false;
  for (; segment.arrived < segment.end; ++segment.arrived, --batch.fill->missing) {
    const Coming& blob = batch.coming[segment.arrived];
    if (blob.end > progress.bytes && error == ErrorCode::none) break;
    Item& item = batch.items[blob.item];
    FetchedTile& tile = item.tile;
    const Cycle at = error == ErrorCode::none ? progress.at(blob.end) : progress.last;
    tile.ready = std::max(tile.ready, at);
    batch.fill->at = std::max(batch.fill->at, at);
    if (error != ErrorCode::none && tile.error == ErrorCode::none) tile.error = error;
    complete = --item.missing == 0 || complete;
  }
  // The next request follows from the last tile of a part: the DMA need not wait for an answer before.
  if (batch.fill->missing == 0) memory_.pause();
  return complete;
}

/// The listener hears of every burst, one of which is a row.
void WeightFetcher::tell(Segment& segment, const DmaProgress& progress) {
  const Batch& batch = *segment.batch;
  BufferAccess access;
  access.buffer = BufferId::weight;
  access.part = batch.part;
  const auto tell = [&](std::uint64_t begin, std::uint64_t bytes, Cycle at, std::uint64_t count, Cycle period) {
    access.at = at;
    access.rows = count;
    access.row_cycles = period;
    access.address = static_cast<std::uint64_t>(segment.data - batch.bytes.get()) + begin;
    access.address_stride = access.row_bytes = access.data_stride = bytes;
    access.data = segment.data + begin;
    access.first = access.address == 0;
    listener_->on_access(access);
  };
  progress.for_each_row(segment.told, tell);
  segment.told = progress.bytes;
}

void WeightFetcher::post(Batch& batch, Cycle from) {
  batch.fill->missing = batch.coming.size();
  for (Segment& segment : batch.segments) {
    if (plan_->resident) {
      const bool read = segment.data == nullptr ||
                        memory_.borrow_at_once(segment.address, segment.data, segment.bytes) ||
                        memory_.debug_read(segment.address, segment.data, segment.bytes);
      arrive(segment, {segment.bytes, from}, read ? ErrorCode::none : ErrorCode::dma_address);
      continue;
    }
    DmaRequest request;
    request.channel = DmaChannel::weights;
    request.address = segment.address;
    request.data = segment.data;
    if (segment.data != nullptr) {
      request.local_address = static_cast<std::uint64_t>(batch.part) * part_bytes() +
                              static_cast<std::uint64_t>(segment.data - batch.bytes.get());
    }
    request.row_bytes = segment.bytes;
    request.borrow = !shows_bytes() && segment.data != nullptr;
    request.from = from;
    request.on_progress = [this, &segment](const DmaProgress& progress) {
      if (listener_ != nullptr) tell(segment, progress);
      if (arrive(segment, progress, ErrorCode::none)) notify_();
    };
    request.on_done = [this, &segment](ErrorCode error, Cycle at) {
      if (error != ErrorCode::none && arrive(segment, {0, at}, error)) notify_();
    };
    memory_.post(std::move(request));
  }
}

const FetchedTile* WeightFetcher::next() {
  if (batches_.empty()) return nullptr;
  Batch& batch = *batches_.front();
  Item& item = batch.items[batch.released];
  if (item.missing != 0) return nullptr;
  if (!parameters_.weight.loads_while_filling() && !plan_->resident) {
    if (batch.fill->missing != 0) return nullptr;
    item.tile.ready = std::max(item.tile.ready, batch.fill->at);
  }
  return &item.tile;
}

std::uint64_t WeightFetcher::address(const FetchedTile& tile) const {
  const FetchedBlob* const first = std::find_if(tile.blobs, tile.blobs + parameters_.array.count(),
                                                [](const FetchedBlob& blob) { return blob.data != nullptr; });
  return static_cast<std::uint64_t>(first->data - buffer().get());
}

const std::uint8_t* WeightFetcher::locate(const FetchedTile& tile, std::size_t i) const {
  return memory_.locate(tile.blobs[i].data, tile.blobs[i].entry.bytes);
}

/// A part of the weight buffer; more where weights are resident.
std::shared_ptr<std::uint8_t[]> WeightFetcher::new_buffer(std::uint64_t bytes) {
  if (bytes > part_bytes()) return std::shared_ptr<std::uint8_t[]>(new std::uint8_t[bytes]);
  const auto unused = std::find_if(buffers_.begin(), buffers_.end(), [](const auto& b) { return b.use_count() == 1; });
  if (unused != buffers_.end()) return *unused;
  buffers_.emplace_back(new std::uint8_t[part_bytes()]);
  return buffers_.back();
}

/// Batch number `at` of those that there are is not needed any more.
void WeightFetcher::drop_batch(std::size_t at) {
  std::unique_ptr<Batch> batch = std::move(batches_[at]);
  batches_.erase(batches_.begin() + static_cast<std::ptrdiff_t>(at));
  if (batch->bytes) memory_.forget(batch->bytes.get(), batch->size);
  batch->bytes.reset();
  batch->size = 0;
  batch->items.clear();
  batch->blobs.clear();
  batch->released = 0;
  batch->segments.clear();
  batch->coming.clear();
  batch->ahead = nullptr;
  unused_batches_.push_back(std::move(batch));
}

void WeightFetcher::release(Cycle at) {
  if (++batches_.front()->released < batches_.front()->items.size()) return;
  free_parts_.push_back({batches_.front()->part, at});
  drop_batch(0);
  fill_parts();
}

}  // namespace flexcim
