// The macro array as arithmetic: exact sums, cycles from flow's schedule, no clocked modules.
#pragma once

#include "tlm/engine/macro_engine.h"
#include "tlm/engine/tile_products.h"

namespace flexcim {

/// Never suspends the caller: returns cycles that may lie in the future. Sums are put off until complete(), so that all
/// k tiles of an output are summed in one go; those that take a path (set_sums_path) are formed at once, pass by pass.
class FastEngine : public MacroEngine {
 public:
  FastEngine(const MacroGeometry& geometry, ArrayShape shape, const AheadParameters& ahead = {});

  Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle swap(Cycle at) override;
  Cycle run(Cycle start, const MatrixView<const std::int8_t>& activations, const MatrixView<std::int32_t>& accumulators,
            std::uint64_t pass_cycles) override;
  Cycle drained() const override { return drained_; }
  void complete() override;
  void set_before_suspend(std::function<void()>) override {}  // it never does
  void renew_activations() override { lines_.clear(); }
  ProductsAhead* ahead() override { return &ahead_; }
  void reset() override;

 private:
  void put_off(const BlobView* blob, const MatrixView<const std::int8_t>& activations);
  void put_off_coming();
  void add_each_pass();

  const MacroGeometry geometry_;
  const ArrayShape shape_;
  const Cycle latency_;
  std::shared_ptr<const ArrayTile> tile_;
  std::shared_ptr<const ArrayTile> shadow_;  ///< in the second cells
  /// Runs without sums so far, all into `sums_`: those of each row of macros, and what their blobs lie in.
  std::vector<std::vector<TilePasses>> passes_;
  std::vector<std::shared_ptr<const void>> buffers_;
  TileLayout layout_;  ///< theirs
  MatrixView<std::int32_t> sums_;
  DataLineCache lines_;
  Cycle drained_ = 0;
  ProductsAhead ahead_;
  ComingTiles* coming_ = nullptr;  ///< the tiles under way whose products have been formed before
  std::size_t run_ = 0;            ///< of them, all without sums so far
  std::size_t first_token_ = 0;    ///< that passes through them
};

}  // namespace flexcim
