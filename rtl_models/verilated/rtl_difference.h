// Where a Verilated macro first differs from the SystemC model.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace flexcim {

/// One output pin in one cycle, settled.
struct RtlDifference {
  std::string macro;        ///< hierarchical name of the SystemC macro
  std::uint64_t cycle = 0;  ///< of the accelerator's clock
  std::uint64_t ps = 0;     ///< its rising edge
  std::string pin;          ///< "final_sums[131:110], lane 0, column 5"
  std::int64_t model = 0;   ///< what the SystemC macro has
  std::int64_t rtl = 0;     ///< what the RTL has
  int more = 0;             ///< further values that differ in this cycle
  std::string inputs;       ///< what was on the control pins in this cycle
  std::uint64_t phase = 0;  ///< of a psum_final: the cycle in which its last phase was on the data lines; 0: unknown

  /// Several lines.
  std::string text() const;
};

/// Ends a simulation: the RTL differs, or has stopped by itself.
class RtlFailure : public std::runtime_error {
 public:
  explicit RtlFailure(const std::string& text) : std::runtime_error(text) {}
};

}  // namespace flexcim
