// What a gemm costs in energy and memory traffic, from its estimate.
#pragma once

#include "flow/base/pattern.h"
#include "platform/energy/energy_model.h"
#include "platform/estimate/gemm_estimate.h"

#include <cstdint>

namespace flexcim {

/// Of a tile whose weights are pruned that way, for GemmShape. Rows of elements chosen freely share no selects: each
/// column has its own.
int phases_of(IndexPolicy policy, const MacroGeometry& macro);

struct GemmPrice {
  Activity activity;
  std::uint64_t dram_bytes = 0;  ///< read and written
  EnergyReport energy;           ///< of accelerator and DRAM over the command's time, without a host
};

/// `energy` is that of the architecture. Throws as EnergyModel::price().
GemmPrice price_gemm(const Architecture& architecture, const EnergyModel& energy, const GemmEstimate& estimate);

}  // namespace flexcim
