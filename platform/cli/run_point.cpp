#include "platform/cli/run_point.h"

#include "platform/estimate/job_estimate.h"
#include "platform/estimate/shapes_estimate.h"
#include "platform/program/simulation_error.h"
#include "platform/results/point_metrics.h"
#include "platform/run/run.h"
#include "rtl_models/verilated/rtl_difference.h"

#include <systemc>

#include <fmt/format.h>
#include <variant>

namespace flexcim {
namespace {

/// One of many: shows nothing, and leaves the other processors to the others.
void set_among_many(Scenario& scenario) {
  scenario.simulation.threads = 1;
  scenario.trace = {};
  scenario.trace.waveform = false;
  scenario.observe = {};
  scenario.host.uart = UartLine::file;
}

PointFigures simulate(Scenario& point, const std::filesystem::path& scratch) {
  set_among_many(point);
  PreparedRun prepared(point, scratch);
  const RunResult run = prepared.run();
  if (!run.match() && !point.faults) throw SimulationError("an output does not match the golden model");
  if (const auto& firmware = run.simulations.front().firmware; firmware && firmware->exit_code != 0) {
    throw SimulationError(fmt::format("the firmware has ended with exit code {}", firmware->exit_code));
  }
  return point_figures(run);
}

PointFigures figures_of(Scenario& point, const std::filesystem::path& scratch, GemmEstimates& estimates) {
  if (std::holds_alternative<ShapesWorkload>(point.workload)) return point_figures(estimate_shapes(point, estimates));
  std::filesystem::create_directories(scratch);
  if (point.fidelity == Fidelity::estimate) return point_figures(JobEstimate(point, scratch).run());
  return simulate(point, scratch);
}

}  // namespace

void run_point(Scenario& point, const std::filesystem::path& scratch, PointResult& result, GemmEstimates& estimates) {
  try {
    result.figures = figures_of(point, scratch, estimates);
    result.status = PointStatus::ok;
  } catch (const SimulationError& error) {
    result.reason = error.what();
  } catch (const RtlFailure& different) {
    result.reason = different.what();
  } catch (const sc_core::sc_report& report) {
    result.reason = fmt::format("{}: {}", report.get_msg_type(), report.get_msg());
  }
}

}  // namespace flexcim
