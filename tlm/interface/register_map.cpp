#include "tlm/interface/register_map.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <stdexcept>

namespace flexcim {

std::string to_string(RegisterAccess access) {
  switch (access) {
    case RegisterAccess::read_only:
      return "RO";
    case RegisterAccess::read_write:
      return "RW";
    case RegisterAccess::write_only:
      return "WO";
    case RegisterAccess::write_1_to_clear:
      return "W1C";
  }
  throw std::logic_error("register access");
}

std::uint32_t RegisterField::mask() const {
  const std::uint64_t ones = (std::uint64_t{1} << width) - 1;
  return static_cast<std::uint32_t>(ones << low);
}

std::uint32_t RegisterInfo::mask(RegisterAccess of) const {
  if (fields.empty()) return access == of ? ~std::uint32_t{0} : 0;
  std::uint32_t bits = 0;
  for (const RegisterField& field : fields) bits |= field.access.value_or(access) == of ? field.mask() : 0;
  return bits;
}

void RegisterMap::check() const {
  std::set<std::uint32_t> offsets;
  std::set<std::string> names;
  for (const RegisterInfo& reg : registers) {
    if (reg.offset % 4 != 0 || !offsets.insert(reg.offset).second || !names.insert(reg.name).second) {
      throw std::logic_error(
          fmt::format("{}: register {} at {:#x} is misaligned or declared twice", device, reg.name, reg.offset));
    }
    std::uint32_t used = 0;
    for (const RegisterField& field : reg.fields) {
      const bool fits = field.low >= 0 && field.width > 0 && field.low + field.width <= 32;
      if (!fits || (used & field.mask()) != 0) {
        throw std::logic_error(
            fmt::format("{}: field {}.{} overlaps or leaves the register", device, reg.name, field.name));
      }
      used |= field.mask();
      const bool one_way = reg.access == RegisterAccess::read_only || reg.access == RegisterAccess::write_only;
      if (one_way && field.access.value_or(reg.access) != reg.access) {
        throw std::logic_error(fmt::format("{}: field {}.{} is {} in a register that is {}", device, reg.name,
                                           field.name, to_string(*field.access), to_string(reg.access)));
      }
    }
  }
}

std::string field_values(const RegisterInfo& info, std::uint32_t value) {
  std::string text;
  for (const RegisterField& field : info.fields) {
    text += fmt::format(" {}={}", field.name, (value & field.mask()) >> static_cast<unsigned>(field.low));
  }
  return text;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

std::string register_c_header(const RegisterMap& map) {
  std::string text;
  for (const RegisterInfo& reg : map.registers) {
    const std::string name = map.device + "_" + reg.name;
    text +=
        fmt::format("#define {} 0x{:03X}u /* {}: {} */\n", name, reg.offset, to_string(reg.access), reg.description);
    if (reg.reset != 0) text += fmt::format("#define {}_RESET 0x{:08X}u\n", name, reg.reset);
    for (const RegisterField& field : reg.fields) {
      text += fmt::format("#define {}_{}_MASK 0x{:08X}u", name, field.name, field.mask());
      text += field.description.empty() ? "\n" : fmt::format(" /* {} */\n", field.description);
      text += fmt::format("#define {}_{}_SHIFT {}u\n", name, field.name, field.low);
    }
  }
  return text;
}

std::string register_table(const RegisterMap& map) {
  std::string text = "| offset | register | access | reset | meaning |\n| --- | --- | --- | --- | --- |\n";
  for (const RegisterInfo& reg : map.registers) {
    std::string meaning = reg.description;
    for (const RegisterField& field : reg.fields) {
      const std::string bits = field.width == 1 ? fmt::format("{}", field.low)
                                                : fmt::format("{}:{}", field.low + field.width - 1, field.low);
      meaning += fmt::format("<br>[{}] `{}`", bits, field.name);
      if (field.access) meaning += fmt::format(" {}", to_string(*field.access));
      if (!field.description.empty()) meaning += ": " + field.description;
    }
    text += fmt::format("| 0x{:03X} | `{}` | {} | 0x{:X} | {} |\n", reg.offset, reg.name, to_string(reg.access),
                        reg.reset, meaning);
  }
  return text;
}

}  // namespace flexcim
