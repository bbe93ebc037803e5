// Accesses of devices as lines of text.
#pragma once

#include "flow/base/cycle.h"
#include "tlm/interface/register_map.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// An access of the host.
struct RegisterAccessRecord {
  Picoseconds at = 0;               ///< when it begins
  std::optional<std::uint32_t> pc;  ///< of a processor's instruction
  std::string symbol;               ///< where that is, or empty
  bool write = false;
  std::uint64_t address = 0;
  unsigned bytes = 4;
  std::uint32_t value = 0;
  std::string error;  ///< why it was refused; empty where it was not
};

/// Names registers by their addresses. Every line ends with a line feed.
class RegisterNames {
 public:
  /// Each device has the name of its region in memory_map::regions.
  explicit RegisterNames(std::vector<RegisterMap> devices) : devices_(std::move(devices)) {}

  /// "FLEXCIM.STATUS"; where the address is no register's "PLIC+0x10" or "0x40000000".
  std::string name(std::uint64_t address) const;
  /// What line() has in its columns.
  std::string header() const;
  /// Time in microseconds, pc and symbol, R or W with the number of bytes, register ("FLEXCIM.STATUS"), value, and the
  /// fields of a whole register. A refused access ends with "refused: " and the error.
  std::string line(const RegisterAccessRecord& access) const;

 private:
  struct Found {
    const char* region = nullptr;  ///< null where nothing is
    std::uint64_t offset = 0;
    const RegisterInfo* info = nullptr;  ///< null where no register is
  };
  Found find(std::uint64_t address) const;

  std::vector<RegisterMap> devices_;
};

}  // namespace flexcim
