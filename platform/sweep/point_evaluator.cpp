#include "platform/sweep/point_evaluator.h"

#include "flow/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace flexcim {
namespace {

bool changes_fidelity(const CompareValue& value) {
  return std::any_of(value.changes.begin(), value.changes.end(),
                     [](const Override& change) { return change.path == "fidelity"; });
}

}  // namespace

bool simulates(const Scenario& sweep) {
  if (sweep.fidelity != Fidelity::estimate) return true;
  for (const SweepAxis& axis : sweep.sweep->axes) {
    for (const CompareAxis& part : axis.parts) {
      if (std::any_of(part.values.begin(), part.values.end(), changes_fidelity)) return true;
    }
  }
  return false;
}

PointEvaluator::PointEvaluator(const Scenario& sweep, RunPoint run, std::filesystem::path scratch)
    : loader_(sweep),
      run_(std::move(run)),
      scratch_(std::move(scratch)),
      constraints_(sweep.sweep->constraints, sweep) {}

PointResult PointEvaluator::evaluate(const PointTask& task) {
  PointResult result;
  result.point = task.point;
  try {
    Scenario point = loader_.load(task.what.changes);
    if (const auto broken = constraints_.broken_by(point)) {
      result.status = PointStatus::invalid;
      result.reason = *broken;
    } else {
      run_(point, scratch_ / fmt::format("{}", task.point), result);
    }
  } catch (const InputError& error) {
    result.reason = error.what();
  }
  for (std::size_t at = 0; (at = result.reason.find('\n', at)) != std::string::npos;)
    result.reason.replace(at, 1, "; ");
  return result;
}

}  // namespace flexcim
