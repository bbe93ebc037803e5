#include "tlm/faults/fault_injector.h"

#include <algorithm>

namespace flexcim {

FaultInjector::FaultInjector(const FaultParameters& faults, const AcceleratorParameters& accelerator, Protection dram)
    : accelerator_(accelerator), dram_(dram) {
  const std::vector<FaultPlace> places = fault_places(accelerator.macro, accelerator.array);
  for (std::size_t entry = 0; entry < faults.inject.size(); ++entry) {
    const FaultSpec& spec = faults.inject[entry];
    std::uint64_t mask = spec.bits.empty() ? ~std::uint64_t{0} : 0;
    for (const int bit : spec.bits) mask |= std::uint64_t{1} << bit;
    for (std::size_t site = 0; site < kFaultSites; ++site) {
      Aim aim{spec.kind, spec.rate, mask, fault_key({faults.seed, entry, site}), {}, true};
      for (const FaultPlace& place : places) {
        if (static_cast<std::size_t>(place.site) != site) continue;
        aim.numbers.push_back(names_place(spec.target, place));
        aim.all = aim.all && aim.numbers.back();
      }
      const bool any = std::find(aim.numbers.begin(), aim.numbers.end(), true) != aim.numbers.end();
      if (any && spec.rate > 0) aims_[site].push_back(std::move(aim));
    }
  }
}

Protection FaultInjector::protection(FaultSite site) const {
  switch (site) {
    case FaultSite::activation_buffer:
      return accelerator_.activation.protection;
    case FaultSite::weight_buffer:
      return accelerator_.weight.protection;
    case FaultSite::output_buffer:
      return accelerator_.output.protection;
    case FaultSite::dram_weights:
    case FaultSite::dram_directories:
    case FaultSite::dram_activations:
    case FaultSite::dram_commands:
      return dram_;
    default:
      return Protection::none;
  }
}

Decoded decode_word(Protection protection, int data_bits, WrongBits& wrong, FaultCounts& counts) {
  counts.bits += static_cast<std::uint64_t>(__builtin_popcountll(wrong.data) + __builtin_popcount(wrong.check));
  const Decoded decoded = decode(protection, data_bits, wrong);
  counts.corrected += decoded == Decoded::corrected ? 1 : 0;
  counts.detected += decoded == Decoded::detected ? 1 : 0;
  counts.silent += decoded == Decoded::silent ? 1 : 0;
  return decoded;
}

}  // namespace flexcim
