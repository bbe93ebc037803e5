#include "platform/soc/platform_rdl.h"

#include "platform/soc/platform_tables.h"
#include "tlm/interface/memory_map.h"

#include <fmt/format.h>
#include <string_view>

namespace flexcim {
namespace {

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

std::string description(std::string_view text) {
  return text.empty() ? std::string() : fmt::format(" desc = {};", quoted(text));
}

/// Who reads and writes it, software and the device (SystemRDL 2.0, 9.4), and what an access does besides (9.6).
std::string access(RegisterAccess access, bool read_acts) {
  std::string text = access == RegisterAccess::read_only    ? " sw = r; hw = w;"
                     : access == RegisterAccess::write_only ? " sw = w; hw = r;"
                                                            : " sw = rw; hw = rw;";
  if (access == RegisterAccess::write_1_to_clear) text += " onwrite = woclr;";
  if (read_acts && access != RegisterAccess::write_only) text += " onread = ruser;";
  return text;
}

std::string field_text(const RegisterField& field, const RegisterInfo& reg) {
  return fmt::format("      field {{{}{} }} {}[{}:{}] = 0x{:X};\n", description(field.description),
                     access(field.access.value_or(reg.access), reg.read_acts), field.name, field.low + field.width - 1,
                     field.low, (reg.reset & field.mask()) >> static_cast<unsigned>(field.low));
}

}  // namespace

std::string platform_rdl() {
  std::string text =
      "// The FlexCiM-VP platform in SystemRDL 2.0, printed by `flexcim registers --systemrdl`.\n"
      "addrmap FlexCiM_VP {\n";
  for (const PlatformDevice& device : platform_devices()) {
    const memory_map::Region& region = region_of(device.registers.device);
    text += fmt::format("  addrmap {{\n   {}\n", description(region.description));
    for (const RegisterInfo& reg : device.registers.registers) {
      // What a read does is the device's own (ruser), which only an external register may have.
      text += fmt::format("    {}reg {{\n     {} regwidth = 32;\n", reg.read_acts ? "external " : "",
                          description(reg.description));
      for (const RegisterField& field : reg.fields) text += field_text(field, reg);
      if (reg.fields.empty()) text += field_text({"VALUE", 0, 32, ""}, reg);
      text += fmt::format("    }} {} @ 0x{:X};\n", reg.name, reg.offset);
    }
    text += fmt::format("  }} {} @ 0x{:X};\n", device.registers.device, region.base);
  }
  return text + "};\n";
}

}  // namespace flexcim
