// What a run with firmware gives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// A text that firmware has generated (workload `generate`).
struct FirmwareText {
  std::vector<int> tokens;  ///< as they lie in memory: at most as many as the golden model's, up to one that is none
  std::vector<int> golden;
  std::string text, golden_text;

  bool match() const { return tokens == golden; }
};

struct FirmwareResult {
  int exit_code = 0;               ///< 0..255, as the firmware told the test finisher
  std::uint64_t instructions = 0;  ///< that the hart has retired
  std::uint64_t commands = 0;      ///< that the accelerator has ended, with or without an error
  std::size_t jobs = 0;            ///< layers of the workload; those that ran are the result's layers
  std::optional<FirmwareText> text = std::nullopt;
  std::string uart;  ///< what the UART has sent
};

}  // namespace flexcim
