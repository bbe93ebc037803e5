// Power over time from counts that only grow.
#pragma once

#include "platform/energy/activity.h"
#include "platform/energy/energy_model.h"

#include <functional>

namespace flexcim {

/// Energy spent in [start_ns, end_ns).
struct PowerWindow {
  double start_ns = 0;
  double end_ns = 0;
  EnergyByComponent energy{};

  /// 1 pJ/ns is 1 mW.
  double power_mw(Component c) const { return mw(energy[static_cast<std::size_t>(c)]); }
  double total_mw() const { return mw(total()); }
  Femtojoules total() const;

 private:
  double mw(Femtojoules spent) const { return picojoules(spent) / (end_ns - start_ns); }
};

/// Takes a window.
using PowerRow = std::function<void(const PowerWindow&)>;
/// Passes all windows of a run to `row`, in order. May be called again.
using PowerRows = std::function<void(const PowerRow& row)>;

/// Spreads an energy that is known over the windows of its time, each component as what was counted costs. The windows
/// add up to it, to the femtojoule. The first window begins at time 0 with nothing counted.
class PowerSampler {
 public:
  /// `energy`: of `whole`, which took `end_ns`. `switching`: of the macros, all the time.
  PowerSampler(const EnergyModel& model, const SwitchingActivity& switching, const Activity& whole, double end_ns,
               const EnergyByComponent& energy);

  /// The window from the last call to `now_ns`, which comes after it, of everything counted up to its end. That which
  /// ends at `end_ns` takes all that is left.
  PowerWindow sample(double now_ns, const Activity& since_start);

 private:
  const EnergyModel& model_;
  const SwitchingActivity switching_;
  const double end_ns_;
  const EnergyByComponent energy_;
  const ComponentPrices prices_;  ///< of the whole
  double last_ns_ = 0;
  EnergyByComponent last_{};
};

}  // namespace flexcim
