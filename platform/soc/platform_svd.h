// The SoC's peripherals for debuggers and IDEs.
#pragma once

#include <string>

namespace flexcim {

/// Peripherals, interrupts, registers and fields as CMSIS-SVD 1.3, from the declarations that the models run by. SVD
/// has no word for the memories.
std::string platform_svd();

}  // namespace flexcim
