// Which steps of a gemm an estimate leaves out, and what those cost: rows of array tiles and token tiles that are like
// others which run.
#pragma once

#include "platform/estimate/dataless_system.h"

namespace flexcim {

/// Of every token tile, and of the token tiles, the first steps run and the last ones. Those between are taken to cost
/// what the ones before them did:
///   where the macros have not waited in them: the cycles of the macros, exactly;
///   otherwise: the cycles of steps that last for several refreshes of the DRAM, with as many refreshes as fall into
///   the time of the steps left out;
///   what is counted: exactly, but for rows that the DRAM opens, and for its bursts where the bytes of rows begin at
///   other places of bursts.
/// Refreshes come when they are due, whatever is left out.
class LikeSteps : public StepListener {
 public:
  /// `system` and `image`, that of the command's weights, outlive it. `whole`: leaves nothing out.
  LikeSteps(DatalessSystem& system, const Architecture& architecture, const Descriptor& command,
            const WeightlessImage& image, bool whole);

  /// What all steps left out cost.
  const CommandCounts& left_out() const { return left_out_; }
  /// Cycles between the end of the first row of array tiles and that of the last in which the macros have waited for
  /// memory.
  Cycle waited() const { return waited_; }

 private:
  /// Behind a step: all that has been spent until then, and what was left out.
  struct Step {
    CommandCounts counts;

    /// Cycles in which the macros neither computed nor were loaded.
    Cycle waited() const { return counts.cycles - counts.gemm.compute_cycles - counts.gemm.load_cycles; }
  };
  /// Bytes of transfers.
  struct Bytes {
    std::uint64_t read = 0, written = 0;
  };

  void on_plan(CommandPlan& plan) override;
  void on_row(CommandPlan::Row row, Cycle end) override;
  void on_token_tile(int token_tile, Cycle end) override;

  Bytes row_bytes(int tokens) const;
  Cycle macro_cycles() const;
  std::uint64_t width_of_outputs() const;
  int like_rows(bool bound) const;
  Step step(Cycle end) const;
  Cycle measured(Cycle from, Cycle to, Cycle waited, int count, int more) const;
  void leave_out(const Step& from, const Step& to, int count, int more, Cycle cycles, const Bytes& each);

  DatalessSystem& system_;
  const AcceleratorParameters parameters_;
  const DramParameters dram_;
  const std::uint64_t output_bytes_;  ///< of one output
  const WeightlessImage& image_;
  const bool whole_;
  const double refresh_;     ///< cycles from one refresh to the next
  const double refreshing_;  ///< cycles of them in which nothing is transferred
  const CommandPlan* plan_ = nullptr;
  int first_rows_ = 0;  ///< of a token tile, that are not like the others
  Step from_;           ///< behind those
  Step first_token_tile_;
  Cycle waited_before_ = 0, waited_ = 0;
  CommandCounts left_out_;
};

}  // namespace flexcim
