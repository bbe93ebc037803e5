// A part of an SRAM buffer, pin by pin: the SRAM, its write queue, and what generates its addresses.
#pragma once

#include "rtl_models/blocks/sram_buffer.h"
#include "tlm/timing/buffer_access.h"
#include "tlm/timing/buffer_parameters.h"

#include <systemc>

#include <cstdint>
#include <deque>
#include <vector>

namespace flexcim {

/// Drives the pins of a SramBuffer as the accelerator's schedule says, one cycle behind it: what the schedule has in
/// cycle c is on the pins in cycle c + 1. Reads come first; writes go through a queue, one per cycle, and wait there
/// for the read of their bank; a read of bytes that are still in the queue gets them from there. What is read is
/// compared with what the macros or memory are given: std::logic_error names a difference, a read for which the
/// schedule has left no cycle, and sums that would have to wait for their bank.
class RtlBuffer : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};
  SramBuffer sram;

  /// The cycles are those of `period`. `bytes`: of the part, rounded up to whole words of all banks.
  RtlBuffer(const sc_core::sc_module_name& name, std::uint64_t bytes, const BufferParameters& parameters, int banks,
            const sc_core::sc_time& period);

  void access(const BufferAccess& access);
  /// Forgets what is under way.
  void abort();
  static constexpr Cycle kNever = ~Cycle{0};
  /// The cycle behind whose end it needs a clock edge: 0 while it is at work, kNever where there is nothing to do.
  Cycle due() const;

  /// Writes in the queue, without those of coming cycles.
  std::size_t waiting() const;
  /// Bytes that have been written since the part was empty.
  std::uint64_t occupancy() const { return occupancy_; }

 private:
  struct Write {
    Cycle at = 0;
    std::uint64_t address = 0;
    std::vector<std::uint8_t> bytes;
    bool first = false;  ///< into an empty part
    bool fills = true;   ///< counts in the occupancy
    bool waits = true;   ///< for the read of its bank; the schedule leaves sums a cycle in which they need not
  };
  /// Reads that follow each other; of sums, with the writes behind them.
  struct Stream {
    BufferAccess access;
    std::vector<std::uint8_t> bytes;  ///< of all rows, one behind the other; of accumulate those of the present row
    std::uint64_t row = 0;
    std::uint64_t done = 0;  ///< bytes of the row
    Cycle next = 0;          ///< when the next read is due
    bool begun = false;
  };
  /// What a read has to give.
  struct Expected {
    bool valid = false;
    std::uint64_t address = 0;
    std::vector<std::uint8_t> bytes;
  };

  void on_clock();
  void check_data();
  void drive_read();
  void drive_write();
  void begin(Stream& stream) const;
  void read(const Stream& stream, std::uint64_t address, std::uint64_t count);
  bool forwarded(std::uint64_t address, const std::vector<std::uint8_t>& bytes) const;
  std::uint64_t chunk(std::uint64_t address, std::uint64_t bytes) const;
  void add_write(Cycle at, std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes, bool first, bool fills,
                 bool waits);
  [[noreturn]] void fail(const std::string& what) const;

  const BufferParameters parameters_;
  const int banks_;
  const sc_core::sc_time period_;
  Cycle now_ = 0;  ///< of the schedule
  sc_core::sc_signal<bool> reset_{"reset"}, enable_{"enable"}, write_ready_{"write_ready"};
  sc_core::sc_signal<SramRead, sc_core::SC_UNCHECKED_WRITERS> read_{"read"};  ///< also withdrawn by abort()
  sc_core::sc_signal<SramWrite, sc_core::SC_UNCHECKED_WRITERS> write_{"write"};
  sc_core::sc_signal<SramData> read_data_{"read_data"};
  std::deque<Write> writes_;  ///< the first one is on the pins if writing_
  Write taken_;               ///< the last one: at the edge that takes it, the SRAM may come later to its bytes
  std::deque<Stream> streams_;
  Expected asked_;     ///< by the read on the pins, if reading_
  Expected expected_;  ///< at read_data
  bool reading_ = false, writing_ = false;
  std::uint64_t occupancy_ = 0;
  std::uint32_t version_ = 0;
};

}  // namespace flexcim
