// Brings array tiles from the weight buffer onto compute, in the plan's order (docs/architecture.md §6).
#pragma once

#include "flow/map/schedule.h"
#include "tlm/engine/macro_engine.h"
#include "tlm/interface/error_code.h"
#include "tlm/timing/command_clock.h"
#include "tlm/timing/command_plan.h"
#include "tlm/timing/weight_fetcher.h"

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// An array tile that has been loaded and, unless there is an error, is on compute.
struct UsedTile {
  std::shared_ptr<const ArrayTile> tile;
  ErrorCode error = ErrorCode::none;  ///< of its weights, known in cycle times.load_start
  TileTimes times;                    ///< run_end is not known yet
  std::uint64_t exposed_cycles = 0;   ///< exposed_load_cycles
  const WeightFill* fill = nullptr;   ///< of the weights fetched together with its own
};

/// Blocking: use() loads. Shadow: a tile is loaded as soon as its weights have arrived and the swap before has been;
/// use() swaps. When that is says flow/map/schedule.h.
class TileLoader {
 public:
  /// `notify` is called whenever ready() may have become true, from a DMA callback if not from a call of this.
  TileLoader(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine, CommandClock& clock,
             std::function<void()> notify);

  /// Weights are fetched from cycle `from` on; `descriptor` and `plan` stay valid until stop().
  void start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from);
  /// Loads begin in cycle `from` or later.
  void open(Cycle from);
  /// The next tile may be brought onto compute by use().
  bool ready() { return parameters_.weight_update == WeightUpdate::shadow ? loaded_ : weights_.next() != nullptr; }
  /// Behind the run before, which ends in cycle `run_end`. Suspends where the engine does. Throws CommandAborted after
  /// a reset. Valid until the next call.
  const UsedTile& use(Cycle run_end);
  /// Tiles under way take copies of what they have borrowed from memory. No run is pending in the engine.
  void keep_weights();
  /// The command is over. `failed`: a tile may be on its way that nobody uses.
  void stop(bool failed = false);

 private:
  /// To be used again when the engine does not hold it.
  struct PooledTile {
    std::shared_ptr<ArrayTile> tile;
    bool borrows = false;  ///< its blobs lie in memory, not in its buffer
  };

  void load_ahead();
  UsedTile& on_compute() { return places_[on_compute_]; }
  UsedTile& behind() { return places_[on_compute_ ^ 1]; }
  std::shared_ptr<const ArrayTile> take(UsedTile& used, Cycle& ready);
  PooledTile& new_tile();

  const AcceleratorParameters& parameters_;
  MacroEngine& engine_;
  CommandClock& clock_;
  std::function<void()> notify_;
  WeightFetcher weights_;
  const CommandPlan* plan_ = nullptr;
  int row_ = 0, col_ = 0;  ///< of the next tile to be loaded
  bool open_ = false;
  std::vector<PooledTile> tiles_;   ///< of the present command
  std::array<UsedTile, 2> places_;  ///< the tile on compute and the one behind it
  std::size_t on_compute_ = 0;
  bool loaded_ = false;  ///< shadow: the one behind is in the second cells, or on its way there
};

}  // namespace flexcim
