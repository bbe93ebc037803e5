#include "tlm/fabric/address_map.h"

#include "flow/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {

int AddressMap::add(AddressRange range) {
  if (range.size == 0 || range.base + (range.size - 1) < range.base) {
    throw InputError(fmt::format("address range of {} (base {:#x}, size {:#x}) is empty or leaves 64 bits", range.label,
                                 range.base, range.size));
  }
  for (const AddressRange& other : ranges_) {
    const bool apart = range.base > other.base + (other.size - 1) || other.base > range.base + (range.size - 1);
    if (!apart) {
      throw InputError(fmt::format("address range of {} ({:#x}..{:#x}) overlaps that of {} ({:#x}..{:#x})", range.label,
                                   range.base, range.base + (range.size - 1), other.label, other.base,
                                   other.base + (other.size - 1)));
    }
  }
  ranges_.push_back(std::move(range));
  return size() - 1;
}

int AddressMap::find(std::uint64_t address, std::uint64_t bytes) const {
  for (int i = 0; i < size(); ++i) {
    if (ranges_[static_cast<std::size_t>(i)].contains(address, bytes)) return i;
  }
  return kMiss;
}

std::string AddressMap::to_string() const {
  std::vector<AddressRange> sorted = ranges_;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.base < b.base; });
  std::string text;
  for (const AddressRange& range : sorted) {
    text += fmt::format("{:#018x} - {:#018x}  {:>14}  {}\n", range.base, range.base + (range.size - 1), range.size,
                        range.label);
  }
  return text;
}

}  // namespace flexcim
