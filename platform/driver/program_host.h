// The host as a program in C++ sees it: addresses, an interrupt, time of its own. Behind it is a module of a simulation
// (platform/host/native_host.h), or arithmetic alone (platform/estimate/plain_soc.h).
#pragma once

#include "flow/base/cycle.h"
#include "platform/driver/host_counts.h"
#include "platform/riscv/hart.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace flexcim {

using riscv::Interrupt;

class ProgramHost {
 public:
  virtual ~ProgramHost() = default;

  // Accesses take time. A refused one throws BusError that names the address.
  std::uint32_t read32(std::uint64_t address);
  void write32(std::uint64_t address, std::uint32_t value);
  void read(std::uint64_t address, void* data, std::size_t bytes);
  void write(std::uint64_t address, const void* data, std::size_t bytes);
  /// Moves bytes from `address` on as fast as memory gives or takes them (tlm/fabric/stream_access.h), page by page: a
  /// prefetcher stops at the end of one. Nothing else may use that memory meanwhile. The program has the data itself;
  /// zeros are written. Takes no instructions of its own. Throws BusError as an access does.
  void stream(bool write, std::uint64_t address, std::uint64_t bytes);
  /// Returns when the line of one of `enabled` is high (RISC-V: wfi, with these set in `mie`).
  void wait_for_interrupt(std::initializer_list<Interrupt> enabled = {Interrupt::external}) { sleep(enabled); }
  /// The program computes for that long.
  void compute(std::uint64_t instructions, Picoseconds time) {
    counts_.instructions += instructions;
    pass(time);
  }
  /// The program's own time.
  virtual Picoseconds now_ps() const = 0;
  const HostCounts& counts() const { return counts_; }

 protected:
  static constexpr std::size_t kStreamBytes = 4096;  ///< a page

 private:
  void access(bool write, std::uint64_t address, void* data, std::size_t bytes);
  /// Moves up to a cache line; the program's own time goes on. Returns whether that was memory.
  virtual bool transfer(bool write, std::uint64_t address, void* data, std::size_t bytes) = 0;
  /// Moves up to kStreamBytes as a stream; the program's own time goes on.
  virtual void transfer_stream(bool write, std::uint64_t address, std::size_t bytes) = 0;
  /// The program's own time goes on by `time`; what else there is may catch up with it.
  virtual void pass(Picoseconds time) = 0;
  virtual void sleep(const std::vector<Interrupt>& enabled) = 0;

  HostCounts counts_;
};

}  // namespace flexcim
