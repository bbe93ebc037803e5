// A banked SRAM with a read port and a write port (architecture.md §7: activation, weight and output buffers).
#pragma once

#include <systemc>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace flexcim {

/// `bytes` bytes from byte `address` on, at most as many as the port is wide. Handles: see rtl_models/signals/pins.h.
struct SramRead {
  bool valid = false;
  std::uint32_t address = 0;
  std::uint32_t bytes = 0;
  std::uint32_t version = 0;
  bool operator==(const SramRead& o) const { return version == o.version; }
};
struct SramWrite {
  bool valid = false;
  std::uint32_t address = 0;
  std::uint32_t bytes = 0;
  const std::uint8_t* data = nullptr;  ///< [bytes]
  std::uint32_t version = 0;
  bool operator==(const SramWrite& o) const { return version == o.version; }
};
struct SramData {
  bool valid = false;
  const std::uint8_t* data = nullptr;  ///< as many as were asked for
  std::uint32_t version = 0;
  bool operator==(const SramData& o) const { return version == o.version; }
};
std::ostream& operator<<(std::ostream& out, const SramRead& pins);
std::ostream& operator<<(std::ostream& out, const SramWrite& pins);
std::ostream& operator<<(std::ostream& out, const SramData& pins);
void sc_trace(sc_core::sc_trace_file* file, const SramRead& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const SramWrite& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const SramData& pins, const std::string& name);

/// Word a, which has `port_bytes` bytes, lies in bank a mod `banks`; a bank serves one access per cycle. A read taken
/// at an edge has its data at `read_data` in the next cycle (latency 1), and then one word per cycle; one that reaches
/// into the next word uses two banks, and must not where there is but one. A write stays inside a word; to a bank that
/// a read of the same cycle uses it waits: write_ready is combinational. Addresses beyond the size wrap around.
/// `enable` low takes nothing and holds read_data; `reset` clears read_data and leaves the cells. An access that is
/// wider than the port or reaches too far throws std::logic_error.
class SramBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  sc_core::sc_in<bool> reset{"reset"};
  sc_core::sc_in<bool> enable{"enable"};
  sc_core::sc_in<SramRead> read{"read"};
  sc_core::sc_out<SramData> read_data{"read_data"};
  sc_core::sc_in<SramWrite> write{"write"};
  sc_core::sc_out<bool> write_ready{"write_ready"};

  struct Geometry {
    std::uint32_t bytes = 65536;    ///< a multiple of banks * port_bytes, up to 1 GiB
    std::uint32_t banks = 4;        ///< 1..256
    std::uint32_t port_bytes = 32;  ///< bytes per cycle of each port, 1..65536
  };
  /// Throws InputError naming the parameter and its range.
  SramBuffer(const sc_core::sc_module_name& name, const Geometry& geometry);

  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }
  std::uint64_t conflicts() const { return conflicts_; }  ///< cycles in which a write waited for its bank
  std::uint32_t port_bytes() const { return geometry_.port_bytes; }
  /// In which byte `address` lies.
  std::uint32_t bank(std::uint32_t address) const { return address / geometry_.port_bytes % geometry_.banks; }
  /// Whether the write on the pins waits for the read on the pins.
  bool conflict() const;

 private:
  void on_clock();
  void drive_write_ready();
  void require_inside(std::uint32_t address, std::uint32_t bytes, std::uint32_t words) const;

  Geometry geometry_;
  std::vector<std::uint8_t> cells_;
  std::vector<std::uint8_t> registers_[2];  ///< the read register, and what it held a cycle ago
  int current_ = 0;
  SramData shown_;
  std::uint64_t bytes_read_ = 0, bytes_written_ = 0, conflicts_ = 0;
};

}  // namespace flexcim
