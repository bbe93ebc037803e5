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

/// An array tile in the cells of the macros. After an error there is no tile.
struct UsedTile {
  const ArrayTile* tile = nullptr;
  ErrorCode error = ErrorCode::none;  ///< what is wrong with its weights; known in cycle times.load_start
  Cycle ready = 0;                    ///< when its weights have arrived
  TileTimes times;                    ///< all but run_end, which is known after the tile's last pass
  std::uint64_t exposed_cycles = 0;   ///< see exposed_load_cycles()
  const WeightFill* fill = nullptr;   ///< the part of the weight buffer that held its weights
};

/// With blocking update, use() loads the next tile. With shadow update, a tile is loaded into the second cells ahead of
/// its use: as soon as its weights have arrived and the tile before it has been swapped in; use() then only swaps.
/// flow/map/schedule.h computes the cycles.
class TileLoader {
 public:
  /// Calls `notify` whenever ready() may have become true, from a callback of `memory` or from a function of this
  /// class.
  TileLoader(const AcceleratorParameters& parameters, MemoryPort& memory, MacroEngine& engine, CommandClock& clock,
             std::function<void()> notify);

  /// Weights are fetched from cycle `from` on; `descriptor` and `plan` stay valid until stop().
  void start(const Descriptor& descriptor, const CommandPlan& plan, Cycle from);
  /// Loads begin in cycle `from` or later.
  void open(Cycle from);
  /// The next tile may be brought onto compute by use().
  bool ready() { return parameters_.weight_update == WeightUpdate::shadow ? loaded_ : weights_.next() != nullptr; }
  /// Brings the next tile onto compute. The run of the tile before ends in cycle `run_end`. Suspends if the engine
  /// does. Throws CommandAborted after a reset. The result is valid until the next call.
  const UsedTile& use(Cycle run_end);
  /// See WeightFetcher. None for -1.
  void set_inputs(int token_tile, MatrixView<const std::int8_t> activations) {
    weights_.set_inputs(token_tile, activations);
  }
  /// Copies the weights that tiles under way have borrowed from memory. No run may be pending in the engine.
  void keep_weights();
  void set_listener(BufferListener* listener);
  /// Ends the command. `failed`: it ended with an error, so a loaded tile may never have been used.
  void stop(bool failed = false);

 private:
  /// Reused once the engine has let go of it and it is in neither place.
  struct PooledTile {
    std::shared_ptr<ArrayTile> tile;
    bool borrows = false;  ///< its blobs lie in memory, not in its buffer
  };

  void load_ahead();
  UsedTile& on_compute() { return places_[on_compute_]; }
  UsedTile& behind() { return places_[on_compute_ ^ 1]; }
  const std::shared_ptr<ArrayTile>* take(UsedTile& used);
  PooledTile& new_tile();
  void tell_load(const ArrayTile& tile, Cycle start);
  void release(const UsedTile& used, Cycle at);

  const AcceleratorParameters& parameters_;
  MacroEngine& engine_;
  CommandClock& clock_;
  std::function<void()> notify_;
  WeightFetcher weights_;
  const CommandPlan* plan_ = nullptr;
  CommandPlan::Row row_;  ///< of the next tile to be loaded
  int col_ = 0;           ///< likewise
  bool open_ = false;
  std::vector<PooledTile> tiles_;   ///< of the present command
  std::array<UsedTile, 2> places_;  ///< the tile on compute and the one behind it
  std::size_t on_compute_ = 0;
  int part_ = 0;               ///< of the weight buffer, in which the last tile taken lies ...
  std::uint64_t address_ = 0;  ///< ... from here on
  BufferListener* listener_ = nullptr;
  bool loaded_ = false;  ///< shadow: behind() is in the second cells, or on its way there
};

}  // namespace flexcim
