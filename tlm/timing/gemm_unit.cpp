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
  clear(activations_, static_cast<std::size_t>(plan.token_tile),
        static_cast<std::size_t>(plan.cols) * static_cast<std::size_t>(plan.array_inputs));
  for (Half& half : halves_) {
    half.busy = false;
    half.free_at = 0;
    half.error = ErrorCode::none;
    clear(half.sums, static_cast<std::size_t>(plan.token_tile), static_cast<std::size_t>(plan.array_outputs));
  }
  next_half_ = 0;
  ErrorCode error = ErrorCode::none;
  try {
    error = run_plan(from, end);
  } catch (const CommandAborted&) {
    tiles_.stop();
    throw;
  }
  tiles_.stop(error != ErrorCode::none);
  statistics.events = events(spending_);
  return error;
}

ErrorCode GemmUnit::run_plan(Cycle from, Cycle& end) {
  ErrorCode error = ErrorCode::none;
  try {
    tiles_.start(*descriptor_, *plan_, from);
    Cycle cycle = descriptor_->has(kFlagRequantize) ? fetch_scales(from) : from;
    tiles_.open(cycle);
    for (int t = 0; t < plan_->token_tiles; ++t) cycle = run_token_tile(t, cycle);
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
  std::vector<std::uint8_t> table(static_cast<std::size_t>(plan_->out) * 8);
  Arrival arrival;
  DmaRequest request;
  request.channel = DmaChannel::command;
  request.address = descriptor_->scales;
  request.data = table.data();
  request.row_bytes = table.size();
  request.from = from;
  request.on_done = [this, &arrival](ErrorCode error, Cycle at) {
    arrival = {true, at, error};
    progress();
  };
  memory_.post(std::move(request));
  stage_ = "the table of scales";
  clock_.wait_for([&] { return arrival.done; });
  if (arrival.error != ErrorCode::none) fail(arrival.error, arrival.at);
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
  request.on_done = [this](ErrorCode error, Cycle at) {
    arrival_ = {true, at, error};
    progress();
  };
  memory_.post(std::move(request));
}

Cycle GemmUnit::run_token_tile(int token_tile, Cycle from) {
  const int tokens = plan_->tokens_in(token_tile);
  fetch_activations(token_tile, from);
  bool waiting = true;
  Cycle engine_free = from;
  for (int row = 0; row < plan_->rows; ++row) {
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
        spend(ActivityKind::buffer, from, arrival_.at, [&](Spending& to) {
          to.others.activation_buffer_writes +=
              static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(plan_->in);
        });
      }
      if (col == 0) {
        start = wait_idle(half, start);
        if (half.error != ErrorCode::none) fail_filled(used, half.error, start);
        std::fill_n(half.sums.data(), half.sums.size(), 0);
      }
      const auto inputs = static_cast<std::size_t>(plan_->array_inputs);
      const std::uint64_t pass = array_pass_cycles(*plan_, parameters_, row, col, used.tile->phases);
      engine_free = engine_.run(start,
                                {activations_.data() + static_cast<std::size_t>(col) * inputs,
                                 static_cast<std::size_t>(tokens), inputs, activations_.cols()},
                                half.sums.view().row_range(0, static_cast<std::size_t>(tokens)), pass);
      clock_.check();
      count_run(*used.tile, tokens, row, col, start, engine_free);
    }
    engine_.complete();
    write_back(half, token_tile, row, engine_.drained());
  }
  return engine_free;
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
    request.on_issue = [this, &half, tokens, row] { requantize_half(half, tokens, row); };
  } else {
    request.data = reinterpret_cast<std::uint8_t*>(half.sums.data());
  }
  request.on_done = [this, &half](ErrorCode error, Cycle at) {
    half.busy = false;
    half.free_at = at;
    half.error = error;
    progress();
  };
  const std::uint64_t sums = static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(outputs);
  const std::uint64_t bytes = sums * sizeof(std::int32_t);
  const std::uint64_t cycles = (bytes + parameters_.output.port_bytes - 1) / parameters_.output.port_bytes;
  spend(ActivityKind::buffer, from, from + cycles, [&](Spending& to) {
    to.others.output_buffer_reads += bytes;
    if (descriptor_->has(kFlagRequantize)) to.others.requantizations += sums;
  });
  memory_.post(std::move(request));
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
    if (!parameters_.weights_resident) to.others.weight_buffer_writes += tile.bytes;
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
