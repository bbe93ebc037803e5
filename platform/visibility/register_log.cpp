#include "platform/visibility/register_log.h"

#include "tlm/interface/memory_map.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {

std::string RegisterNames::header() const {
  return fmt::format("# {:>18} {:<10} {:<28} {} {:<24} {:<10} {}\n", "time_us", "pc", "symbol", "  ", "register",
                     "value", "fields");
}

RegisterNames::Found RegisterNames::find(std::uint64_t address) const {
  for (const memory_map::Region& region : memory_map::regions) {
    const std::uint64_t offset = address - region.base;
    if (address < region.base || (region.size != 0 && offset >= region.size)) continue;
    const auto device = std::find_if(devices_.begin(), devices_.end(),
                                     [&](const RegisterMap& map) { return map.device == region.name; });
    if (device == devices_.end()) return {region.name, offset, nullptr};
    const auto found = std::find_if(device->registers.begin(), device->registers.end(),
                                    [&](const RegisterInfo& info) { return info.offset == offset; });
    return {region.name, offset, found == device->registers.end() ? nullptr : &*found};
  }
  return {};
}

std::string RegisterNames::name(std::uint64_t address) const {
  const Found found = find(address);
  if (found.region == nullptr) return fmt::format("{:#x}", address);
  if (found.info == nullptr) return fmt::format("{}+{:#x}", found.region, found.offset);
  return fmt::format("{}.{}", found.region, found.info->name);
}

std::string RegisterNames::line(const RegisterAccessRecord& access) const {
  const RegisterInfo* info = find(access.address).info;
  const bool known = access.write || access.error.empty();
  const std::string value = known ? fmt::format("0x{:08x}", access.value) : "-";
  const std::string fields = known && info != nullptr && access.bytes == 4 ? field_values(*info, access.value) : "";
  std::string text =
      fmt::format("  {:>18} {:<10} {:<28} {}{} {:<24} {:<10}{}",
                  fmt::format("{}.{:06}", access.at / 1'000'000, access.at % 1'000'000),
                  access.pc ? fmt::format("0x{:08x}", *access.pc) : "-", access.symbol.empty() ? "-" : access.symbol,
                  access.write ? 'W' : 'R', access.bytes, name(access.address), value, fields);
  if (!access.error.empty()) text += " refused: " + access.error;
  return text + "\n";
}

}  // namespace flexcim
