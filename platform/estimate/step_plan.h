// The passes of a workload of shapes: which linears run how often, and what the host computes between them.
#pragma once

#include "flow/model/linear_shapes.h"
#include "flow/select/selection.h"
#include "platform/config/scenario.h"
#include "platform/estimate/request_work.h"
#include "platform/results/steps_result.h"

#include <string>
#include <vector>

namespace flexcim {

/// A linear and what it runs as.
struct ShapedLinear {
  LinearShape shape;
  int tokens = 1;
  Pattern pattern;
  int weight_bits = 8;
};

/// A pass through a model, with all of its runs: they are alike but for the contexts, of which only attention depends.
struct Pass {
  std::string name;                   ///< of the step, of what drafts for it "NAME.draft"; empty without steps
  std::vector<ShapedLinear> linears;  ///< of a run, on the accelerator
  OperatorUnits units{};              ///< on the host, of all runs
  OperatorUses uses{};                ///< of its memory
  MemoryRows cache;                   ///< that a token adds in a block
  int hidden = 0;                     ///< values of a row of embedding or head
  int tokens = 0;                     ///< read, in all runs
  PassFigures figures;
};

struct StepPlan {
  Selection selection;  ///< of the workload's model
  std::vector<Pass> passes;
};

/// `scenario` has the workload shapes; without steps the plan is one run of the linears alone. Costs neither time nor
/// memory for repeats. Throws one InputError with everything that does not fit, each with the place of its key: a model
/// that cannot be read, a sparsity that no mix reaches, shares of blocks or channels that are no whole number, contexts
/// beyond the model's positions, requests that an encoder cannot serve, more work than can be counted.
StepPlan plan_steps(const Scenario& scenario);

}  // namespace flexcim
