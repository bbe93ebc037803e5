// The macro array as arithmetic: exact sums, cycles from flow's schedule, no clocked modules.
#pragma once

#include "tlm/accelerator/macro_engine.h"

namespace flexcim {

/// Never suspends the caller: returns cycles that may lie in the future. Sums are in the accumulators when run()
/// returns.
class FastEngine : public MacroEngine {
 public:
  FastEngine(const MacroGeometry& geometry, ArrayShape shape);

  Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle run(Cycle start, MatrixView<const std::int8_t> activations, MatrixView<std::int32_t> accumulators,
            std::uint64_t pass_cycles) override;
  Cycle drained() const override { return drained_; }
  const MacroEvents& events() const override { return events_; }
  void reset() override;

 private:
  const MacroGeometry geometry_;
  const ArrayShape shape_;
  std::shared_ptr<const ArrayTile> tile_;
  std::vector<Matrix<std::int16_t>> weights_;  ///< per macro, expanded
  MacroEvents pass_events_;                    ///< of one pass through all macros
  MacroEvents events_;
  Cycle drained_ = 0;
};

}  // namespace flexcim
