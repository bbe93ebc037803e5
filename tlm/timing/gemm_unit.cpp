#include "tlm/timing/gemm_unit.h"

#include "flow/map/schedule.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

namespace {

/// A matrix of zeros, in the same memory where it has the same size.
template <class Element>
void clear(Matrix<Element>& matrix, std::size_t rows, std::size_t cols) {
  if (matrix.rows() != rows || matrix.cols() != cols) {
    matrix = Matrix<Element>(rows, cols);
  } else {
    std::fill_n(matrix.data(), matrix.size(), Element{});
  }
}

}  // namespace

GemmUnit::GemmUnit(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine,
                   CommandClock& clock)
    : parameters_(parameters),
      memory_(memory),
      engine_(engine),
      clock_(clock),
      tiles_(parameters, memory, engine, clock, [this] { clock_.progress(); }) {}

void GemmUnit::return_loans() {
  engine_.complete();
  tiles_.keep_weights();
}

/// Something has happened that the thread may answer with a request.
void GemmUnit::progress() {
  memory_.pause();
  clock_.progress();
}

ErrorCode GemmUnit::run(const Descriptor& descriptor, const CommandPlan& plan, Cycle from, GemmStatistics& statistics,
                        Cycle& end) {
  descriptor_ = &descriptor;
  plan_ = &plan;
  statistics_ = &statistics;
  spending_ = {};
  statistics.tiles = static_cast<std::uint64_t>(plan.grid.count());
  const std::size_t tokens = memory_.dataless() ? 0 : static_cast<std::size_t>(plan.token_tile);
  clear(activations_, tokens, static_cast<std::size_t>(plan.cols) * static_cast<std::size_t>(plan.array_inputs));
  for (Half& half : halves_) {
    half.busy = false;
    half.free_at = half.read_until = 0;
    half.error = ErrorCode::none;
    clear(half.sums, tokens, static_cast<std::size_t>(plan.array_outputs));
  }
  next_half_ = 0;
  ErrorCode error = ErrorCode::none;
  try {
    error = run_plan(from, end);
  } catch (const CommandAborted&) {
    tiles_.stop();
    if (buffers_ != nullptr) buffers_->on_abort();
    throw;
  }
  tiles_.stop(error != ErrorCode::none);
  if (buffers_ != nullptr && error != ErrorCode::none) buffers_->on_abort();
  statistics = this->statistics();
  return error;
}

GemmStatistics GemmUnit::statistics() const {
  GemmStatistics so_far = *statistics_;
  so_far.events = events(spending_);
  return so_far;
}

ErrorCode GemmUnit::run_plan(Cycle from, Cycle& end) {
  ErrorCode error = ErrorCode::none;
  try {
    tiles_.start(*descriptor_, *plan_, from);
    Cycle cycle = descriptor_->has(kFlagRequantize) ? fetch_scales(from) : from;
    tiles_.open(cycle);
    for (int t = 0; t < plan_->token_tiles; t = plan_->token_tile_gap.next(t)) {
      cycle = run_token_tile(t, cycle);
      if (steps_ != nullptr) steps_->on_token_tile(t, cycle);
    }
    end = std::max(cycle, engine_.drained());
    for (Half& half : halves_) {
      end = wait_idle(half, end);
      if (half.error != ErrorCode::none) fail(half.error, end);
    }
  } catch (const Failure& failure) {
    error = failure.error;
    end = failure.at;
  }
  if (error == ErrorCode::none) return error;
  // An engine that runs ahead of simulated time has seen the error early: what goes on until then goes on.
  clock_.wait_until(end);
  memory_.abort_all();
  engine_.complete();
  return error;
}

/// Returns the cycle in which it has arrived.
Cycle GemmUnit::fetch_scales(Cycle from) {
  const std::size_t bytes = static_cast<std::size_t>(plan_->out) * 8;
  std::vector<std::uint8_t> table(memory_.dataless() ? 0 : bytes);
  Arrival arrival;
  DmaRequest request;
  request.channel = DmaChannel::command;
  request.address = descriptor_->scales;
  request.data = table.data();
  request.row_bytes = bytes;
  request.from = from;
  request.on_done = [this, &arrival](ErrorCode error, Cycle at) {
    arrival = {true, at, error};
    progress();
  };
  memory_.post(std::move(request));
  stage_ = "the table of scales";
  clock_.wait_for([&] { return arrival.done; });
  if (arrival.error != ErrorCode::none) fail(arrival.error, arrival.at);
  if (memory_.dataless()) return arrival.at;
  scales_.resize(static_cast<std::size_t>(plan_->out));
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    std::memcpy(&scales_[i].mantissa, &table[8 * i], 4);
    std::memcpy(&scales_[i].shift, &table[8 * i + 4], 4);
    if (scales_[i].mantissa < 0 || scales_[i].shift < 0 || scales_[i].shift > 62)
      fail(ErrorCode::bad_requantization, arrival.at);
  }
  return arrival.at;
}

void GemmUnit::fetch_activations(int token_tile, Cycle from) {
  arrival_ = {};
  told_ = 0;
  DmaRequest request;
  request.channel = DmaChannel::activations;
  request.address = descriptor_->activations + static_cast<std::uint64_t>(token_tile) *
                                                   static_cast<std::uint64_t>(plan_->token_tile) *
                                                   descriptor_->activation_stride;
  request.memory_stride = descriptor_->activation_stride;
  request.data = reinterpret_cast<std::uint8_t*>(activations_.data());
  request.local_stride = activations_.cols();
  request.rows = static_cast<std::uint64_t>(plan_->tokens_in(token_tile));
  request.row_bytes = static_cast<std::uint64_t>(plan_->in);
  request.from = from;
  if (buffers_ != nullptr) {
    request.on_progress = [this](const DmaProgress& progress) { tell_fill(progress); };
  }
  request.on_done = [this](ErrorCode error, Cycle at) {
    arrival_ = {true, at + parameters_.activation.decode_cycles(), error};
    progress();
  };
  memory_.post(std::move(request));
}

Cycle GemmUnit::run_token_tile(int token_tile, Cycle from) {
  const int tokens = plan_->tokens_in(token_tile);
  tiles_.set_inputs(-1, {});
  fetch_activations(token_tile, from);
  bool waiting = true;
  Cycle engine_free = from;
  for (int row = 0; row < plan_->rows; row = plan_->row_gap.next(row)) {
    Half& half = halves_[next_half_];
    next_half_ ^= 1;
    for (int col = 0; col < plan_->cols; ++col) {
      stage_ = "weights";
      clock_.wait_for([this] { return tiles_.ready(); });
      const UsedTile& used = tiles_.use(engine_free);
      if (used.error != ErrorCode::none) fail_filled(used, used.error, used.times.load_start);
      count_load(used, token_tile == 0);

      Cycle start = used.times.first_phase;
      if (waiting) {
        stage_ = "activations";
        clock_.wait_for([&] { return arrival_.done; });
        start = std::max(start, arrival_.at);
        if (arrival_.error != ErrorCode::none) fail_filled(used, arrival_.error, start);
        waiting = false;
        engine_.renew_activations();
        tiles_.set_inputs(token_tile, {activations_.data(), static_cast<std::size_t>(tokens), activations_.cols()});
        spend(ActivityKind::buffer, from, arrival_.at, [&](Spending& to) {
          to.others.activation_buffer_writes +=
              static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(plan_->in);
        });
      }
      if (col == 0) {
        start = wait_idle(half, start);
        if (parameters_.output.parts() == 1) start = std::max(start, halves_[next_half_].read_until);
        if (half.error != ErrorCode::none) fail_filled(used, half.error, start);
        std::fill_n(half.sums.data(), half.sums.size(), 0);
      }
      const std::uint64_t pass = array_pass_cycles(*plan_, parameters_, row, col, used.tile->phases);
      if (buffers_ != nullptr) tell_run(half, tokens, row, col, start, pass);
      engine_free = engine_.run(start, inputs(tokens, col), sums(half, tokens), pass);
      clock_.check();
      count_run(*used.tile, tokens, row, col, start, engine_free);
    }
    engine_.complete();
    write_back(half, token_tile, row, engine_.drained() + parameters_.output.decode_cycles());
    if (steps_ != nullptr) steps_->on_row({token_tile, row}, engine_free);
  }
  if (buffers_ != nullptr) {
    buffers_->on_free(BufferId::activation, static_cast<std::uint64_t>(tokens) * plan_->activation_bytes(),
                      engine_free);
  }
  return engine_free;
}

/// What passes through an array tile of column `col` read; and where they add their sums.
MatrixView<const std::int8_t> GemmUnit::inputs(int tokens, int col) const {
  const auto width = static_cast<std::size_t>(plan_->array_inputs);
  const std::int8_t* const first = activations_.data();
  return {first == nullptr ? nullptr : first + static_cast<std::size_t>(col) * width, static_cast<std::size_t>(tokens),
          width, activations_.cols()};
}

MatrixView<std::int32_t> GemmUnit::sums(Half& half, int tokens) const {
  return {half.sums.data(), static_cast<std::size_t>(tokens), half.sums.cols()};
}

/// The cycle, not before `not_before`, in which the half's last write-back has ended.
Cycle GemmUnit::wait_idle(Half& half, Cycle not_before) {
  stage_ = "the write-back of outputs";
  clock_.wait_for([&] { return !half.busy; });
  return std::max(not_before, half.free_at);
}

/// Weights that are fetched together arrive together, whatever is wrong with them or with anything else meanwhile.
void GemmUnit::fail_filled(const UsedTile& used, ErrorCode error, Cycle at) {
  stage_ = "weights";
  clock_.wait_for([&] { return used.fill->missing == 0; });
  fail(error, std::max(at, used.fill->at));
}

/// `add` adds what an interval spends; a listener hears of it at once.
template <class Spend>
void GemmUnit::spend(ActivityKind kind, Cycle start, Cycle end, const Spend& add) {
  add(spending_);
  if (listener_ == nullptr) return;
  Spending own;
  add(own);
  listener_->on_activity(kind, clock_.ps(start), clock_.ps(end), events(own));
}

AcceleratorEvents GemmUnit::events(const Spending& spending) const {
  AcceleratorEvents all = spending.others;
  all.macro = macro_events(parameters_.macro, plan_->layout, spending.macros);
  return all;
}

void GemmUnit::write_back(Half& half, int token_tile, int row, Cycle from) {
  const int tokens = plan_->tokens_in(token_tile);
  const int outputs = plan_->outputs_in(row);
  const auto element = static_cast<std::uint64_t>(descriptor_->output_bytes());
  half.busy = true;
  DmaRequest request;
  request.channel = DmaChannel::write_back;
  request.write = true;
  request.address = descriptor_->outputs +
                    static_cast<std::uint64_t>(token_tile) * static_cast<std::uint64_t>(plan_->token_tile) *
                        descriptor_->output_stride +
                    static_cast<std::uint64_t>(row) * static_cast<std::uint64_t>(plan_->array_outputs) * element;
  request.memory_stride = descriptor_->output_stride;
  request.local_stride = half.sums.cols() * element;
  request.rows = static_cast<std::uint64_t>(tokens);
  request.row_bytes = static_cast<std::uint64_t>(outputs) * element;
  request.from = from;
  if (descriptor_->has(kFlagRequantize)) {
    half.requantized.resize(half.sums.size());
    request.data = reinterpret_cast<std::uint8_t*>(half.requantized.data());
    if (!memory_.dataless()) request.on_issue = [this, &half, tokens, row] { requantize_half(half, tokens, row); };
  } else {
    request.data = reinterpret_cast<std::uint8_t*>(half.sums.data());
  }
  const std::uint64_t sums = static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(outputs);
  const std::uint64_t bytes = sums * sizeof(std::int32_t);
  request.on_done = [this, &half, bytes](ErrorCode error, Cycle at) {
    half.busy = false;
    half.free_at = std::max(at, half.read_until);
    half.error = error;
    if (buffers_ != nullptr) buffers_->on_free(BufferId::output, bytes, half.free_at);
    progress();
  };
  // The last pass's sums are added first.
  const std::uint64_t words = parameters_.output.words(static_cast<std::uint64_t>(outputs) * sizeof(std::int32_t));
  half.read_until =
      from + words * (parameters_.output.accumulate_cycles(plan_->cols == 1) + static_cast<Cycle>(tokens));
  if (buffers_ != nullptr) tell_write_back(half, tokens, row, from);
  spend(ActivityKind::buffer, from, from + parameters_.output.words(bytes), [&](Spending& to) {
    to.others.output_buffer_reads += bytes;
    if (descriptor_->has(kFlagRequantize)) to.others.requantizations += sums;
  });
  memory_.post(std::move(request));
}

void GemmUnit::tell_fill(const DmaProgress& progress) {
  const auto in = static_cast<std::uint64_t>(plan_->in);
  BufferAccess access;
  progress.for_each_burst(told_, [&](std::uint64_t begin, std::uint64_t end, Cycle at) {
    while (begin < end) {  // tokens lie apart in activations_
      const std::uint64_t token = begin / in, stop = std::min(end, (token + 1) * in);
      access.at = at;
      access.address = begin;
      access.row_bytes = stop - begin;
      access.data = reinterpret_cast<const std::uint8_t*>(activations_.row(token)) + begin % in;
      access.first = begin == 0;
      buffers_->on_access(access);
      begin = stop;
    }
  });
  told_ = progress.bytes;
}

void GemmUnit::tell_run(const Half& half, int tokens, int row, int col, Cycle start, Cycle pass) {
  const auto first = static_cast<std::size_t>(col) * static_cast<std::size_t>(plan_->array_inputs);
  BufferAccess inputs;
  inputs.kind = BufferAccess::Kind::pass;
  inputs.at = start;
  inputs.rows = static_cast<std::uint64_t>(tokens);
  inputs.row_cycles = pass;
  inputs.address = first;
  inputs.address_stride = static_cast<std::uint64_t>(plan_->in);
  inputs.row_bytes = static_cast<std::uint64_t>(plan_->inputs_in(col));
  inputs.data = reinterpret_cast<const std::uint8_t*>(activations_.data() + first);
  inputs.data_stride = activations_.cols();
  buffers_->on_access(inputs);
  BufferAccess sums = sums_access(half, tokens, row);
  sums.kind = BufferAccess::Kind::accumulate;
  sums.at = start + pass + pipeline_latency(parameters_.macro);
  sums.row_cycles = pass;
  sums.first = col == 0;
  buffers_->on_access(sums);
}

void GemmUnit::tell_write_back(const Half& half, int tokens, int row, Cycle from) {
  BufferAccess sums = sums_access(half, tokens, row);
  sums.kind = BufferAccess::Kind::write_back;
  sums.at = from;
  sums.first = plan_->cols == 1;
  buffers_->on_access(sums);
}

/// Accumulators of a pass lie behind those of the pass before, from a word's beginning on.
BufferAccess GemmUnit::sums_access(const Half& half, int tokens, int row) const {
  BufferAccess sums;
  sums.buffer = BufferId::output;
  sums.part = parameters_.output.parts() == 1 ? 0 : static_cast<int>(&half - halves_.data());
  sums.rows = static_cast<std::uint64_t>(tokens);
  sums.row_bytes = static_cast<std::uint64_t>(plan_->outputs_in(row)) * sizeof(std::int32_t);
  sums.address_stride = parameters_.output.words(sums.row_bytes) * parameters_.output.port_bytes;
  sums.data = reinterpret_cast<const std::uint8_t*>(half.sums.data());
  sums.data_stride = half.sums.cols() * sizeof(std::int32_t);
  return sums;
}

void GemmUnit::requantize_half(Half& half, int tokens, int row) {
  const std::size_t cols = half.sums.cols();
  const std::size_t first = static_cast<std::size_t>(row) * static_cast<std::size_t>(plan_->array_outputs);
  for (std::size_t t = 0; t < static_cast<std::size_t>(tokens); ++t) {
    for (std::size_t o = 0; o < static_cast<std::size_t>(plan_->outputs_in(row)); ++o) {
      half.requantized[t * cols + o] = requantize(half.sums(t, o), scales_[first + o]);
    }
  }
}

void GemmUnit::count_load(const UsedTile& used, bool first_tokens) {
  const ArrayTile& tile = *used.tile;
  if (first_tokens) statistics_->phases += tile.pass.phases;
  ++statistics_->loads;
  statistics_->load_cycles += used.exposed_cycles;
  // A load that hides behind a run spends its energy there.
  const bool shadow = parameters_.weight_update == WeightUpdate::shadow;
  const Cycle end = shadow ? used.times.loaded : used.times.first_phase;
  spend(ActivityKind::load, used.times.load_start, end, [&](Spending& to) {
    to.macros.loads += tile.pass.passes;
    to.others.weight_buffer_reads += tile.bytes;
    if (!plan_->resident) to.others.weight_buffer_writes += tile.bytes;
  });
}

void GemmUnit::count_run(const ArrayTile& tile, int tokens, int row, int col, Cycle start, Cycle end) {
  const auto passes = static_cast<std::uint64_t>(tokens);
  const std::uint64_t sums = passes * static_cast<std::uint64_t>(plan_->outputs_in(row));
  // Partial sums of macros in a row are added to each other before they reach the buffer.
  const auto added = static_cast<std::uint64_t>(
      std::min(parameters_.array.inputs, plan_->grid.inputs - col * parameters_.array.inputs) - 1);
  statistics_->compute_cycles += end - start;
  spend(ActivityKind::compute, start, end, [&](Spending& to) {
    to.macros.add(tile.pass, passes);
    to.others.activation_buffer_reads += passes * static_cast<std::uint64_t>(plan_->inputs_in(col));
    to.others.accumulates += sums * (added + (col > 0 ? 1 : 0));
    if (col > 0) to.others.output_buffer_reads += sums * sizeof(std::int32_t);
    to.others.output_buffer_writes += sums * sizeof(std::int32_t);
  });
}

}  // namespace flexcim
