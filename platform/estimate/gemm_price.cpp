#include "platform/estimate/gemm_price.h"

namespace flexcim {

int phases_of(IndexPolicy policy, const MacroGeometry& macro) {
  return policy == IndexPolicy::element ? macro.cols : 1;
}

GemmPrice price_gemm(const Architecture& architecture, const EnergyModel& energy, const GemmEstimate& estimate) {
  GemmPrice price;
  price.activity = activity_of(architecture, estimate);
  price.dram_bytes = price.activity.dram.read_bytes + price.activity.dram.write_bytes;
  price.energy = energy.price(price.activity, nanoseconds(architecture.clock().of(estimate.cycles)));
  return price;
}

}  // namespace flexcim
