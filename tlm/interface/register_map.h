// Registers that are declared, not coded: one list gives the TLM target (tlm/fabric/register_file.h), the driver's C
// header and the documentation table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

enum class RegisterAccess {
  read_only,
  read_write,
  write_only,        ///< reads are a command error
  write_1_to_clear,  ///< a written 1 clears that bit, a written 0 leaves it
};
std::string to_string(RegisterAccess access);  ///< "RO", "RW", "WO", "W1C"

struct RegisterField {
  std::string name;
  int low = 0;    ///< least significant bit
  int width = 1;  ///< bits
  std::string description;
  std::optional<RegisterAccess> access = std::nullopt;  ///< where it is not the register's

  std::uint32_t mask() const;
};

/// One 32-bit register.
struct RegisterInfo {
  std::string name;          ///< upper case, as in the datasheet
  std::uint32_t offset = 0;  ///< bytes, a multiple of 4
  RegisterAccess access = RegisterAccess::read_only;
  std::uint32_t reset = 0;
  std::string description;
  std::vector<RegisterField> fields;  ///< the bits that exist; none: all 32 do, and are of the register's access
  bool read_acts = false;             ///< a read changes something: debuggers do not read it unasked

  /// The bits with that access.
  std::uint32_t mask(RegisterAccess of) const;
};

/// The registers of one device.
struct RegisterMap {
  std::string device;  ///< upper case; prefix of the C names
  std::vector<RegisterInfo> registers;

  /// Throws std::logic_error for misaligned or repeated offsets, repeated names, fields that overlap or leave 32 bits,
  /// and fields that may do what their register may not: be written in a read-only one, be read in a write-only one.
  void check() const;
};

/// The fields of a register that has this value: " TXEN=1 TXCNT=0"; empty where it has none.
std::string field_values(const RegisterInfo& info, std::uint32_t value);

/// `text` in upper case, as names of registers and of C macros are.
std::string upper(std::string_view text);

/// The registers of `map` as C text: one #define per offset, reset value
/// other than 0, field mask and shift, prefixed by the device's name.
std::string register_c_header(const RegisterMap& map);

/// The registers of `map` as a Markdown table.
std::string register_table(const RegisterMap& map);

}  // namespace flexcim
