// Power over time from counts that only grow.
#pragma once

#include "platform/energy/activity.h"
#include "platform/energy/energy_model.h"

#include <functional>
#include <optional>

namespace flexcim {

/// Energy spent in [start_ns, end_ns).
struct PowerWindow {
  double start_ns = 0;
  double end_ns = 0;
  EnergyByComponent energy_pj{};
  std::optional<double> stated_total_mw = std::nullopt;  ///< read from a file, whose components are rounded

  /// 1 pJ/ns is 1 mW.
  double power_mw(Component c) const { return energy_pj[static_cast<std::size_t>(c)] / (end_ns - start_ns); }
  double total_mw() const;
};

/// Takes a window.
using PowerRow = std::function<void(const PowerWindow&)>;
/// Passes all windows of a run to `row`, in order. May be called again.
using PowerRows = std::function<void(const PowerRow& row)>;

/// Prices what was counted since the sample before. The first window begins at time 0 with nothing counted.
class PowerSampler {
 public:
  /// `switching`: of the macros, all the time.
  PowerSampler(const EnergyModel& model, const SwitchingActivity& switching) : model_(model), switching_(switching) {}

  /// The window from the last call to `now_ns`, which comes after it, of everything counted up to its end.
  PowerWindow sample(double now_ns, const Activity& since_start);

 private:
  const EnergyModel& model_;
  const SwitchingActivity switching_;
  double last_ns_ = 0;
  EnergyByComponent last_pj_{};
};

}  // namespace flexcim
