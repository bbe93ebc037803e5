// A point becomes its result.
#pragma once

#include "platform/config/constraint.h"
#include "platform/config/scenario.h"
#include "platform/sweep/messages.h"

#include <filesystem>
#include <functional>

namespace flexcim {

/// Runs the scenario of a point: figures where it is ok, otherwise the reason. `scratch` is a folder that it may make,
/// of its own. Throws InputError where it cannot run.
using RunPoint = std::function<void(Scenario& point, const std::filesystem::path& scratch, PointResult& result)>;

/// Whether points of the sweep are simulated, at least some: then a process can evaluate one of them only.
bool simulates(const Scenario& sweep);

/// Evaluates points of one sweep, one after the other.
class PointEvaluator {
 public:
  /// `sweep` has one. `scratch`: a folder in which those of points may be made.
  PointEvaluator(const Scenario& sweep, RunPoint run, std::filesystem::path scratch);

  /// A point that is bad input is a result.
  PointResult evaluate(const PointTask& task);

 private:
  PointLoader loader_;
  const RunPoint run_;
  const std::filesystem::path scratch_;
  Constraints constraints_;
};

}  // namespace flexcim
