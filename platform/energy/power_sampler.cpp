#include "platform/energy/power_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace flexcim {

Femtojoules PowerWindow::total() const { return std::accumulate(energy.begin(), energy.end(), Femtojoules{0}); }

PowerSampler::PowerSampler(const EnergyModel& model, const SwitchingActivity& switching, const Activity& whole,
                           double end_ns, const EnergyByComponent& energy)
    : model_(model),
      switching_(switching),
      end_ns_(end_ns),
      energy_(energy),
      prices_(model.price_components(whole, end_ns, switching)) {}

PowerWindow PowerSampler::sample(double now_ns, const Activity& since_start) {
  EnergyByComponent spent = energy_;
  if (now_ns < end_ns_) {
    const ComponentPrices prices = model_.price_components(since_start, now_ns, switching_);
    for (std::size_t i = 0; i < kComponents; ++i) {
      const double share = prices_[i] > 0 ? std::min(1.0, prices[i] / prices_[i]) : 0;
      spent[i] = std::llround(static_cast<double>(energy_[i]) * share);
    }
  }
  PowerWindow window{last_ns_, now_ns, {}};
  for (std::size_t i = 0; i < kComponents; ++i) window.energy[i] = spent[i] - last_[i];
  last_ns_ = now_ns;
  last_ = spent;
  return window;
}

}  // namespace flexcim
