#include "platform/energy/power_sampler.h"

#include <numeric>

namespace flexcim {

double PowerWindow::total_mw() const {
  if (stated_total_mw) return *stated_total_mw;
  return std::accumulate(energy_pj.begin(), energy_pj.end(), 0.0) / (end_ns - start_ns);
}

PowerWindow PowerSampler::sample(double now_ns, const Activity& since_start) {
  const EnergyByComponent total = model_.price_components(since_start, now_ns, switching_);
  PowerWindow window{last_ns_, now_ns, {}};
  for (std::size_t i = 0; i < kComponents; ++i) window.energy_pj[i] = total[i] - last_pj_[i];
  last_ns_ = now_ns;
  last_pj_ = total;
  return window;
}

}  // namespace flexcim
