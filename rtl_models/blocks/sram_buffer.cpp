#include "rtl_models/blocks/sram_buffer.h"

#include "flow/base/error.h"

#include <algorithm>
#include <stdexcept>

namespace flexcim {
namespace {

void require_range(const char* name, std::uint32_t value, std::uint32_t low, std::uint32_t high) {
  if (value >= low && value <= high) return;
  throw InputError(std::string("SRAM ") + name + ": " + std::to_string(value) + " is outside " + std::to_string(low) +
                   ".." + std::to_string(high));
}

const SramBuffer::Geometry& validated(const SramBuffer::Geometry& geometry) {
  require_range("banks", geometry.banks, 1, 256);
  require_range("bytes per cycle", geometry.port_bytes, 1, 65536);
  require_range("bytes", geometry.bytes, geometry.banks * geometry.port_bytes, 1u << 30);
  if (geometry.bytes % (geometry.banks * geometry.port_bytes) != 0) {
    throw InputError("SRAM bytes: " + std::to_string(geometry.bytes) + " is no multiple of " +
                     std::to_string(geometry.banks) + " banks of " + std::to_string(geometry.port_bytes) +
                     " bytes per cycle");
  }
  return geometry;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const SramRead& pins) {
  return pins.valid ? out << "read " << pins.address : out << "none";
}
std::ostream& operator<<(std::ostream& out, const SramWrite& pins) {
  return pins.valid ? out << "write " << pins.address : out << "none";
}
std::ostream& operator<<(std::ostream& out, const SramData& pins) { return out << (pins.valid ? "data" : "none"); }

void sc_trace(sc_core::sc_trace_file* file, const SramRead& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
  sc_core::sc_trace(file, pins.address, name + ".address", 32);
  sc_core::sc_trace(file, pins.bytes, name + ".bytes", 32);
}
void sc_trace(sc_core::sc_trace_file* file, const SramWrite& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
  sc_core::sc_trace(file, pins.address, name + ".address", 32);
  sc_core::sc_trace(file, pins.bytes, name + ".bytes", 32);
}
void sc_trace(sc_core::sc_trace_file* file, const SramData& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
}

SramBuffer::SramBuffer(const sc_core::sc_module_name& name, const Geometry& geometry)
    : sc_module(name), geometry_(validated(geometry)), cells_(geometry.bytes) {
  for (auto& each : registers_) each.resize(geometry.port_bytes);
  SC_HAS_PROCESS(SramBuffer);
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
  SC_METHOD(drive_write_ready);
  sensitive << enable << read << write;
}

bool SramBuffer::conflict() const {
  const SramRead& in = read.read();
  const SramWrite& out = write.read();
  if (!in.valid || !out.valid) return false;
  const std::uint32_t written = bank(out.address);
  return bank(in.address) == written || bank(in.address + in.bytes - 1) == written;
}

void SramBuffer::drive_write_ready() { write_ready.write(enable.read() && !conflict()); }

void SramBuffer::require_inside(std::uint32_t address, std::uint32_t bytes, std::uint32_t words) const {
  const std::uint32_t port = geometry_.port_bytes;
  if (bytes >= 1 && bytes <= port && (address + bytes - 1) / port - address / port < words) return;
  throw std::logic_error(std::string(name()) + ": an access of " + std::to_string(bytes) + " bytes at " +
                         std::to_string(address) + " does not fit words of " + std::to_string(port));
}

void SramBuffer::on_clock() {
  if (reset.read()) {
    shown_.valid = false;
    ++shown_.version;
    read_data.write(shown_);
    return;
  }
  if (!enable.read()) return;
  const SramRead& in = read.read();
  const SramWrite& out = write.read();
  const bool waits = conflict();
  if (in.valid || shown_.valid) {
    shown_.valid = in.valid;
    ++shown_.version;
    if (in.valid) {
      require_inside(in.address, in.bytes, geometry_.banks > 1 ? 2 : 1);
      current_ ^= 1;
      bytes_read_ += in.bytes;
      const std::uint32_t at = in.address % geometry_.bytes;
      const std::uint32_t up_to_end = std::min(in.bytes, geometry_.bytes - at);
      std::copy_n(cells_.begin() + at, up_to_end, registers_[current_].begin());
      std::copy_n(cells_.begin(), in.bytes - up_to_end, registers_[current_].begin() + up_to_end);
      shown_.data = registers_[current_].data();
    }
    read_data.write(shown_);
  }
  if (!out.valid) return;
  if (waits) {
    ++conflicts_;
    return;
  }
  require_inside(out.address, out.bytes, 1);
  bytes_written_ += out.bytes;
  std::copy_n(out.data, out.bytes, cells_.begin() + out.address % geometry_.bytes);
}

}  // namespace flexcim
