#include "platform/soc/platform_svd.h"

#include "platform/soc/platform_tables.h"
#include "tlm/interface/memory_map.h"
#include "tlm/interface/registers.h"

#include <fmt/format.h>
#include <string_view>

namespace flexcim {
namespace {

/// Text of XML: elements that close themselves where they have a value, one on a line.
class Xml {
 public:
  void open(std::string_view name, std::string_view attributes = "") {
    line(fmt::format("<{}{}>", name, attributes));
    ++depth_;
  }
  void close(std::string_view name) {
    --depth_;
    line(fmt::format("</{}>", name));
  }
  void element(std::string_view name, std::string_view value) {
    line(fmt::format("<{0}>{1}</{0}>", name, escaped(value)));
  }
  void number(std::string_view name, std::uint64_t value) { element(name, fmt::format("{}", value)); }
  void hex(std::string_view name, std::uint64_t value) { element(name, fmt::format("0x{:X}", value)); }
  void description(std::string_view text) {
    if (!text.empty()) element("description", text);
  }
  void line(std::string_view text) { text_ += fmt::format("{:{}}{}\n", "", 2 * depth_, text); }
  const std::string& text() const { return text_; }

 private:
  static std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
      if (c == '&')
        result += "&amp;";
      else if (c == '<')
        result += "&lt;";
      else if (c == '>')
        result += "&gt;";
      else
        result += c;
    }
    return result;
  }

  std::string text_;
  int depth_ = 0;
};

/// W1C is read-write, with the effect of a write beside it.
void add_access(Xml& xml, RegisterAccess access) {
  xml.element("access", access == RegisterAccess::read_only    ? "read-only"
                        : access == RegisterAccess::write_only ? "write-only"
                                                               : "read-write");
}

void add_write_effect(Xml& xml, RegisterAccess access) {
  if (access == RegisterAccess::write_1_to_clear) xml.element("modifiedWriteValues", "oneToClear");
}

void add_field(Xml& xml, const RegisterField& field, RegisterAccess of_register) {
  const RegisterAccess access = field.access.value_or(of_register);
  xml.open("field");
  xml.element("name", field.name);
  xml.description(field.description);
  xml.number("bitOffset", static_cast<std::uint64_t>(field.low));
  xml.number("bitWidth", static_cast<std::uint64_t>(field.width));
  add_access(xml, access);
  add_write_effect(xml, access);
  xml.close("field");
}

void add_register(Xml& xml, const RegisterInfo& reg) {
  xml.open("register");
  xml.element("name", reg.name);
  xml.description(reg.description);
  xml.hex("addressOffset", reg.offset);
  add_access(xml, reg.access);
  xml.hex("resetValue", reg.reset);
  add_write_effect(xml, reg.access);
  if (reg.read_acts) xml.element("readAction", "modify");
  if (!reg.fields.empty()) {
    xml.open("fields");
    for (const RegisterField& field : reg.fields) add_field(xml, field, reg.access);
    xml.close("fields");
  }
  xml.close("register");
}

void add_peripheral(Xml& xml, const RegisterMap& map) {
  const memory_map::Region& region = region_of(map.device);
  xml.open("peripheral");
  xml.element("name", map.device);
  xml.description(region.description);
  xml.hex("baseAddress", region.base);
  xml.open("addressBlock");
  xml.hex("offset", 0);
  xml.hex("size", region.size);
  xml.element("usage", "registers");
  xml.close("addressBlock");
  for (std::size_t source = 0; source < memory_map::source_names.size(); ++source) {
    if (map.device != memory_map::source_names[source]) continue;
    xml.open("interrupt");
    xml.element("name", map.device);
    xml.description("source of the interrupt controller");
    xml.number("value", source + 1);
    xml.close("interrupt");
  }
  xml.open("registers");
  for (const RegisterInfo& reg : map.registers) add_register(xml, reg);
  xml.close("registers");
  xml.close("peripheral");
}

}  // namespace

std::string platform_svd() {
  Xml xml;
  xml.line(R"(<?xml version="1.0" encoding="utf-8"?>)");
  xml.open("device", R"( schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance")"
                     R"( xs:noNamespaceSchemaLocation="CMSIS-SVD.xsd")");
  xml.element("name", "FlexCiM_VP");
  xml.element("version", fmt::format("{}", accelerator_registers::kVersion));
  xml.description(
      "The FlexCiM-VP platform, printed by `flexcim registers --svd`; version of the accelerator's registers");
  xml.number("addressUnitBits", 8);
  xml.number("width", 32);
  xml.number("size", 32);
  xml.hex("resetMask", 0xFFFFFFFF);
  xml.open("peripherals");
  for (const PlatformDevice& device : platform_devices()) add_peripheral(xml, device.registers);
  xml.close("peripherals");
  xml.close("device");
  return xml.text();
}

}  // namespace flexcim
