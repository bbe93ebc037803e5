#include "platform/energy/power_sampler.h"

#include <numeric>

namespace flexcim {

double PowerWindow::total_mw() const {
  return std::accumulate(energy_pj.begin(), energy_pj.end(), 0.0) / (end_ns - start_ns);
}

void PowerSampler::sample(double now_ns, const Activity& since_start) {
  if (now_ns <= last_ns_) return;
  const EnergyByComponent total = model_.price(since_start, now_ns, switching_).by_component;
  PowerWindow window{last_ns_, now_ns, {}};
  for (std::size_t i = 0; i < kComponents; ++i) window.energy_pj[i] = total[i] - last_pj_[i];
  windows_.push_back(window);
  last_ns_ = now_ns;
  last_pj_ = total;
}

}  // namespace flexcim
