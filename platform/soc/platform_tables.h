// What a driver has to know of the SoC, printed from the declarations that the models run by (docs/platform.md).
#pragma once

#include "tlm/interface/memory_map.h"
#include "tlm/interface/register_map.h"

#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

struct PlatformTable {
  std::string title;
  std::string markdown;
};

/// A peripheral, or the accelerator, with the reset values of the default architecture.
struct PlatformDevice {
  std::string title;
  RegisterMap registers;  ///< its device is the name of its region in memory_map::regions
};
std::vector<PlatformDevice> platform_devices();

/// Where that device lies. Throws std::logic_error where memory_map::regions has none of that name.
const memory_map::Region& region_of(std::string_view device);

/// Address map, interrupts, the registers of every device, descriptor, error codes.
std::vector<PlatformTable> platform_tables();

/// The same as a C header: addresses, interrupt ids, register offsets, field masks, struct flexcim_descriptor.
std::string platform_c_header();

}  // namespace flexcim
