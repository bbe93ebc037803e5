// The seam between the accelerator and its macros: either the fast engine or the array of pin-accurate macros sits
// under it, and the accelerator cannot tell which (docs/architecture.md §10.1, §10.2).
#pragma once

#include "flow/base/cycle.h"
#include "flow/base/matrix.h"
#include "flow/map/events.h"
#include "flow/map/geometry.h"
#include "flow/map/image.h"
#include "flow/map/tile.h"
#include "tlm/engine/products_ahead.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace flexcim {

/// What the macro array holds at a time.
struct ArrayTile {
  TileLayout layout;  ///< of the layer: equal for all macros
  int out = 0;        ///< outputs of the layer
  int row = 0;        ///< row of the layer's macro tiles that the macros (0, ·) hold
  /// The weights of macro (o, k) at o * shape.inputs + k, already checked. No weights where the layer has no such tile:
  /// that macro idles, is not loaded and counts no events. The bytes lie in `buffer`, or are on loan from memory; loans
  /// are returned, and the views moved into a copy, only between calls of the engine or in before_suspend.
  std::vector<BlobView> blobs;
  std::shared_ptr<const void> buffer;
  MacroTally pass;           ///< one pass through each of its macros
  std::uint64_t bytes = 0;   ///< of all its blobs, through the weight port
  std::uint64_t phases = 0;  ///< of a pass: those of the longest tile; shorter tiles run theirs as the pass's last
  /// Where its products have been formed before: the tiles among which it is number `number`, and which have its
  /// blobs in place of those here. Null otherwise.
  ComingTiles* coming = nullptr;
  std::size_t number = 0;
  std::size_t first_token = 0;  ///< of those there whose passes come now
};

/// What the sums of a pass go through on their way from a macro to the accumulators.
class SumsPath {
 public:
  virtual ~SumsPath() = default;
  /// Adds psum_final of macro o * shape.inputs + k to the accumulators of its outputs, `count` each. Passes of one
  /// macro come in order; those of macros whose sums are added come pass by pass.
  virtual void add(std::size_t macro, const std::int32_t* psums, std::int32_t* accumulators, std::size_t count) = 0;
};

/// An array of macros in simulated time. One thread calls it, and an engine may suspend that thread. Cycles never run
/// backwards: `start` is neither before the present cycle nor before what the last call returned. An engine that needs
/// no simulated time returns at once, with a cycle in the future; one made of clocked modules returns when the cycle
/// that it returns has begun. The caller treats both alike. The cycles are exactly those of flow/map/schedule.h.
class MacroEngine {
 public:
  virtual ~MacroEngine() = default;

  /// WeightUpdate::blocking. Loads the cells of every macro of `tile`, the first column in cycle `start`, through a
  /// weight port of `port_bytes` per cycle. Returns the cycle in which the first phase may be on the lines: start +
  /// load_cycles(tile.bytes).
  virtual Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) = 0;

  /// WeightUpdate::shadow, with swap() in place of load(). Writes the second cells of every macro of `tile`, the first
  /// column in cycle `start`, not before the present cycle and behind the last swap; runs of the tile on compute go on
  /// meanwhile. Returns the cycle after the last column: start + write_cycles(tile.bytes). Never suspends, and may be
  /// called from any process while run() suspends its own.
  virtual Cycle load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) = 0;

  /// WeightUpdate::shadow. Swaps the second cells in, in cycle `at`: not before what load_shadow() and the run before
  /// returned. Returns the cycle in which the first phase may be on the lines: at + 1.
  virtual Cycle swap(Cycle at) = 0;

  /// One pass per row of `activations` (tokens x shape.inputs * layout.tile_inputs; zero beyond the layer's edge)
  /// through the resident tile, a pass every `pass_cycles` (at least tile.phases; the phases are the last cycles of
  /// each pass). Adds the sums to `accumulators` (tokens x shape.outputs * layout.tile_outputs, lane-major inside a
  /// macro: lane * C + column), the last of them in the cycle that drained() gives. Both views stay valid until then
  /// and until complete(). Returns the cycle after the last phase: start + tokens * pass_cycles; the next load or run
  /// may start there, while the pipeline drains.
  virtual Cycle run(Cycle start, const MatrixView<const std::int8_t>& activations,
                    const MatrixView<std::int32_t>& accumulators, std::uint64_t pass_cycles) = 0;

  /// The cycle at whose beginning all sums of all runs so far stand in their accumulators: what the last run returned,
  /// plus pipeline_latency (0 before the first run). Does not suspend. The accelerator reads the accumulators in that
  /// cycle or later, perhaps in its first delta cycle: an engine of clocked modules samples the last psum_final in the
  /// middle of the cycle before, in which it is valid.
  virtual Cycle drained() const = 0;

  /// Completes the accumulators of all runs whose cycles have passed, where the engine has put off its sums. Their
  /// tiles and views are not used any more afterwards.
  virtual void complete() {}

  /// `step` comes before the engine suspends its caller: whoever has run ahead of simulated time settles there.
  virtual void set_before_suspend(std::function<void()> step) = 0;

  /// To be called when the contents of the activation buffer have changed. No run may be put off. What ahead() knows of
  /// them goes with ProductsAhead::drop_all().
  virtual void renew_activations() {}

  /// Who forms products of tiles before they are loaded, if the engine takes such; null otherwise.
  virtual ProductsAhead* ahead() { return nullptr; }

  /// Reset while a command runs: forgets the resident tile and all sums in flight; nothing is added to accumulators of
  /// earlier runs any more. May be called from any process.
  virtual void reset() = 0;

  /// The sums of all passes take this path; null for the plain addition. To be called before the first run.
  void set_sums_path(SumsPath* path) { sums_path_ = path; }

 protected:
  SumsPath* sums_path() const { return sums_path_; }
  void add_sums(std::size_t macro, const std::int32_t* psums, std::int32_t* accumulators, std::size_t count) {
    if (sums_path_ != nullptr) return sums_path_->add(macro, psums, accumulators, count);
    for (std::size_t i = 0; i < count; ++i) accumulators[i] += psums[i];
  }

 private:
  SumsPath* sums_path_ = nullptr;
};

}  // namespace flexcim
