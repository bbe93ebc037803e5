// The SoC's registers for register tools: verification models, RTL of the same registers, documentation.
#pragma once

#include <string>

namespace flexcim {

/// Devices, registers and fields as SystemRDL 2.0, from the declarations that the models run by: an address map with
/// one for each device. It has no word for interrupts, and the memories are not in it.
std::string platform_rdl();

}  // namespace flexcim
