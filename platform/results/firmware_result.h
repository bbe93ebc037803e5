// What a run of the workload `firmware` gives.
#pragma once

#include <cstdint>
#include <string>

namespace flexcim {

struct FirmwareResult {
  int exit_code = 0;               ///< 0..255, as the firmware told the test finisher
  std::uint64_t instructions = 0;  ///< that the hart has retired
  std::uint64_t commands = 0;      ///< that the accelerator has ended, with or without an error
  std::string uart;                ///< what the UART has sent
};

}  // namespace flexcim
