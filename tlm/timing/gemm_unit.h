// The loop nest of a gemm: token tiles, output tiles, k tiles; weights stationary, the next ones prefetched.
#pragma once

#include "flow/base/matrix.h"
#include "flow/pack/quantize.h"
#include "tlm/timing/activity.h"
#include "tlm/timing/command_clock.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/tile_loader.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace flexcim {

struct GemmStatistics {
  std::uint64_t tiles = 0;   ///< macro tiles of the layer
  std::uint64_t phases = 0;  ///< of one pass through every macro tile
  std::uint64_t loads = 0;   ///< array tiles loaded
  std::uint64_t compute_cycles = 0;
  std::uint64_t load_cycles = 0;  ///< in which a load or a swap keeps the macros from computing (exposed_load_cycles)
  AcceleratorEvents events;
};

template <>
struct StatisticList<GemmStatistics> {
  using G = GemmStatistics;
  static constexpr auto list =
      joined(statistics<G>({
                 {"layer_tiles", "tiles", "macro tiles of the layer", count<&G::tiles>},
                 {"layer_phases", "phases", "of one pass through every macro tile", count<&G::phases>},
                 {"loads", "events", "array tiles loaded", count<&G::loads>},
                 {"compute_cycles", "cycles", "with passes", count<&G::compute_cycles>},
                 {"load_cycles", "cycles", "in which loads keep the macros from computing", count<&G::load_cycles>},
             }),
             statistics_of_part<&G::events>());
};

/// Hears of the steps of the loop nest; it may shorten it before.
class StepListener {
 public:
  virtual ~StepListener() = default;
  /// Before the first step: the gaps of `plan` may be set.
  virtual void on_plan(CommandPlan& plan) = 0;
  /// The last run of a row of array tiles ends in cycle `end`.
  virtual void on_row(CommandPlan::Row row, Cycle end) = 0;
  /// So does the last one of a token tile.
  virtual void on_token_tile(int token_tile, Cycle end) = 0;
};

/// Runs one planned gemm at a time. When things happen, in cycles:
///   scales: the table, if there is one, is requested first; until it has arrived, only weights are requested besides;
///   what leaves a buffer with a code comes its decode_cycles() later, which a stream of words does not feel;
///   activations of a token tile are requested when the last run of the token tile before has ended;
///   weights: see WeightFetcher;
///   load, swap: see TileLoader and flow/map/schedule.h;
///   run: starts when the tile is on compute, the activations have arrived and, for a first k tile, the last write-back
///     from the same half of the output buffer has ended, and the other half has been read where both are in one bank;
///     takes tokens * array_pass_cycles();
///   write-back of an output tile is requested when the sums of its last k tile have left the pipeline; from then on
///     its half is read, a word per cycle, and it has not ended before the last word.
class GemmUnit {
 public:
  GemmUnit(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine, CommandClock& clock);

  /// Runs from cycle `from`; sets `end` to the cycle in which the last output is in memory or the error is known, and
  /// returns when simulated time may still be before it. Throws CommandAborted after
  /// abort().
  ErrorCode run(const Descriptor& descriptor, const CommandPlan& plan, Cycle from, GemmStatistics& statistics,
                Cycle& end);

  void set_listener(ActivityListener* listener) { listener_ = listener; }
  void set_buffer_listener(BufferListener* listener) {
    buffers_ = listener;
    tiles_.set_listener(listener);
  }
  /// Hears of rows and token tiles; null for none.
  void set_step_listener(StepListener* listener) { steps_ = listener; }
  /// Of the present command so far.
  GemmStatistics statistics() const;
  /// Nothing borrowed from memory is relied on any more: sums that were put off are completed, tiles under way copied.
  void return_loans();
  /// What the present command waits for.
  const char* stage() const { return stage_; }

 private:
  struct Failure {
    ErrorCode error;
    Cycle at;
  };
  /// What has been spent; its macros' events follow from the tally when somebody asks.
  struct Spending {
    MacroTally macros;
    AcceleratorEvents others;
  };
  /// A half of the output buffer.
  struct Half {
    Matrix<std::int32_t> sums;
    std::vector<std::int8_t> requantized;
    bool busy = false;
    Cycle free_at = 0;
    Cycle read_until = 0;  ///< by its last write-back
    ErrorCode error = ErrorCode::none;
  };
  /// A transfer that the thread waits for.
  struct Arrival {
    bool done = false;
    Cycle at = 0;
    ErrorCode error = ErrorCode::none;
  };

  ErrorCode run_plan(Cycle from, Cycle& end);
  void progress();
  Cycle fetch_scales(Cycle from);
  void fetch_activations(int token_tile, Cycle from);
  Cycle run_token_tile(int token_tile, Cycle from);
  void tell_fill(const DmaProgress& progress);
  void tell_run(const Half& half, int tokens, int row, int col, Cycle start, Cycle pass);
  void tell_write_back(const Half& half, int tokens, int row, Cycle from);
  BufferAccess sums_access(const Half& half, int tokens, int row) const;
  void write_back(Half& half, int token_tile, int row, Cycle from);
  MatrixView<const std::int8_t> inputs(int tokens, int col) const;
  MatrixView<std::int32_t> sums(Half& half, int tokens) const;
  void requantize_half(Half& half, int tokens, int row);
  void count_load(const UsedTile& used, bool first_tokens);
  void count_run(const ArrayTile& tile, int tokens, int row, int col, Cycle start, Cycle end);
  Cycle wait_idle(Half& half, Cycle not_before);
  template <class Spend>
  void spend(ActivityKind kind, Cycle start, Cycle end, const Spend& add);
  AcceleratorEvents events(const Spending& spending) const;
  [[noreturn]] void fail_filled(const UsedTile& used, ErrorCode error, Cycle at);
  [[noreturn]] void fail(ErrorCode error, Cycle at) { throw Failure{error, at}; }

  const AcceleratorParameters& parameters_;
  MemoryPort& memory_;
  MacroEngine& engine_;
  CommandClock& clock_;
  TileLoader tiles_;
  ActivityListener* listener_ = nullptr;
  BufferListener* buffers_ = nullptr;
  StepListener* steps_ = nullptr;

  const Descriptor* descriptor_ = nullptr;
  const CommandPlan* plan_ = nullptr;
  GemmStatistics* statistics_ = nullptr;  ///< of the present command, but for the events
  Spending spending_;                     ///< in the present command
  /// The activation buffer: token_tile x cols * array_inputs; empty where memory is dataless(), as are sums.
  Matrix<std::int8_t> activations_;
  Arrival arrival_;         ///< of the activations of the present token tile
  std::uint64_t told_ = 0;  ///< bytes of them, to buffers_
  std::vector<Requantization> scales_;
  std::array<Half, 2> halves_;
  std::size_t next_half_ = 0;
  const char* stage_ = "";
};

}  // namespace flexcim
