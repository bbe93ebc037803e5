#include "rtl_models/observe/sram_waveform.h"

#include <optional>

namespace flexcim {
namespace {

/// The bytes on a data bus, when they change.
template <class Port, class Bytes>
void add_bytes(Waveform& waveform, const Waveform::Label& label, int width, const Port& port, Bytes bytes) {
  waveform.add_bus<std::int8_t>(
      label, width, 0, [&port, bytes, last = ~std::uint32_t{0}]() mutable -> std::optional<Packed<std::int8_t>> {
        const auto& pins = port.read();
        if (!pins.valid || pins.version == last) return std::nullopt;
        last = pins.version;
        return Packed<std::int8_t>{reinterpret_cast<const std::int8_t*>(pins.data), bytes(pins)};
      });
}

}  // namespace

void add_sram(Waveform& waveform, const std::string& scope, const SramBuffer& sram) {
  const auto flag = [&](const char* name, auto read) { waveform.add({scope, name, scope, 1, Radix::bit, true}, read); };
  const auto number = [&](const char* name, int width, auto read) {
    waveform.add({scope, name, scope, width, Radix::unsigned_decimal, true}, read);
  };
  const SramBuffer* const s = &sram;
  flag("read_valid", [s] { return s->read.read().valid; });
  number("read_address", 32, [s] { return s->read.read().address; });
  number("read_bank", 8, [s] { return s->bank(s->read.read().address); });
  flag("read_data_valid", [s] { return s->read_data.read().valid; });
  flag("write_valid", [s] { return s->write.read().valid; });
  flag("write_ready", [s] { return s->write_ready.read(); });
  number("write_address", 32, [s] { return s->write.read().address; });
  number("write_bank", 8, [s] { return s->bank(s->write.read().address); });
  flag("conflict", [s] { return s->conflict(); });
  const int width = static_cast<int>(sram.port_bytes());
  const Waveform::Label read_data{scope, "read_data", scope, 8, Radix::hex, false};
  const Waveform::Label write_data{scope, "write_data", scope, 8, Radix::hex, false};
  add_bytes(waveform, read_data, width, sram.read_data, [width](const SramData&) { return width; });
  add_bytes(waveform, write_data, width, sram.write,
            [](const SramWrite& pins) { return static_cast<int>(pins.bytes); });
}

}  // namespace flexcim
