// The macro array with wrong bits in cells, selects, data lines and sums (docs/faults.md). Whatever engine does the
// work: what it is given and what it gives is changed, the same at every fidelity.
#pragma once

#include "tlm/engine/macro_engine.h"
#include "tlm/faults/fault_injector.h"

#include <deque>
#include <vector>

namespace flexcim {

/// Cycles are those of the engine under it. Faults of a tile's cells and selects happen as it is loaded, those of
/// activations as they are read for a pass, those of psum_final as it is added, those of accumulators as they are
/// written back into the output buffer.
class FaultyEngine : public MacroEngine, private SumsPath {
 public:
  /// Both outlive it.
  FaultyEngine(MacroEngine& engine, FaultInjector& faults);

  Cycle load(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle load_shadow(Cycle start, std::shared_ptr<const ArrayTile> tile, std::uint64_t port_bytes) override;
  Cycle swap(Cycle at) override;
  Cycle run(Cycle start, const MatrixView<const std::int8_t>& activations, const MatrixView<std::int32_t>& accumulators,
            std::uint64_t pass_cycles) override;
  Cycle drained() const override { return engine_.drained(); }
  void complete() override;
  void set_before_suspend(std::function<void()> step) override { engine_.set_before_suspend(std::move(step)); }
  void renew_activations() override { engine_.renew_activations(); }
  void reset() override;

 private:
  /// Where the rows of macros of an array tile stand in their layer.
  struct Outputs {
    TileLayout layout;
    int out = 0, row = 0;
    std::vector<int> macros;  ///< per row of macros: how many hold weights
  };
  /// Passes that have begun and whose sums have not all been added, of a row of macros.
  struct Run {
    std::shared_ptr<const Outputs> outputs;
    std::vector<std::uint64_t> accesses;  ///< per token: FaultInjector::access() of its pass
    std::uint64_t stride = 0;             ///< bytes from a token's accumulators to the next one's
    std::uint64_t part = 0;               ///< of the output buffer
    std::size_t done = 0;                 ///< tokens
    int arrived = 0;                      ///< macros, of the present token
  };

  bool aims_at_tiles() const;
  void follow_command();
  std::shared_ptr<const ArrayTile> take(const std::shared_ptr<const ArrayTile>& tile);
  void change_cells(const ArrayTile& tile, std::size_t macro, std::uint8_t* to);
  void change_selects(const ArrayTile& tile, std::size_t macro, std::uint8_t* to);
  void change_bit(FaultSite site, std::uint8_t* plane, std::size_t bit, FaultKind kind);
  int outputs_in_lane(const Outputs& outputs, std::size_t row, int lane) const;
  void begin_runs(const MatrixView<const std::int8_t>& activations, const MatrixView<std::int32_t>& accumulators);
  Matrix<std::int8_t> faulty_activations(const MatrixView<const std::int8_t>& activations);

  void add(std::size_t macro, const std::int32_t* psums, std::int32_t* accumulators, std::size_t count) override;
  void change_psums(const Run& run, std::size_t macro, std::vector<std::int32_t>& psums);
  void write_accumulators(const Run& run, std::size_t row, std::int32_t* accumulators);

  MacroEngine& engine_;
  FaultInjector& faults_;
  const bool on_sums_;
  std::uint64_t command_ = 0;
  std::uint64_t loads_ = 0;   ///< of array tiles, in the command
  std::uint64_t passes_ = 0;  ///< begun, in the command
  std::shared_ptr<const Outputs> resident_, shadow_;
  std::vector<std::deque<Run>> runs_;  ///< per row of macros
  std::vector<std::int32_t> psums_;
  Matrix<std::int8_t> activations_;
  const std::int32_t* last_accumulators_ = nullptr;
  std::uint64_t part_ = 0;
};

}  // namespace flexcim
