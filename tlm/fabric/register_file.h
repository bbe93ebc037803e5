// The registers of a device as a TLM target.
#pragma once

#include "tlm/interface/register_map.h"

#include <tlm>

#include <cstdint>
#include <functional>
#include <map>

namespace flexcim {

/// The values of a RegisterMap behind a TLM target socket. All access rules stand here:
///   byte enables that leave out a byte          -> TLM_BYTE_ENABLE_ERROR_RESPONSE
///   not exactly 4 bytes, 4-byte aligned, or a streaming width below 4  -> TLM_BURST_ERROR_RESPONSE
///   no register at that offset                  -> TLM_ADDRESS_ERROR_RESPONSE
///   a read of WO, a write of RO                 -> TLM_COMMAND_ERROR_RESPONSE
/// A refused access has no effect. A write reaches the bits that the register's fields name: RW takes the written bit,
/// a written 1 clears W1C, RO stays; WO in a register that can be read is seen by on_write() only and reads 0.
class RegisterFile {
 public:
  explicit RegisterFile(RegisterMap map);

  /// A blocking access. `latency` is added to `delay`; a delay that the initiator brought along (temporal decoupling)
  /// is waited for first, so that registers change in simulated time.
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  /// Reads and writes whole registers without side effects, access rules of direction or time; byte enables and
  /// streaming width mean nothing. Returns the bytes done.
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);

  void set_latency(const sc_core::sc_time& latency) { latency_ = latency; }

  /// The value that a read returns, in place of the stored one. Without side effects: debug reads call it too.
  void on_read(std::uint32_t offset, std::function<std::uint32_t()> callback);
  /// Called after an ordinary read (a FIFO that pops).
  void after_read(std::uint32_t offset, std::function<void()> callback);
  /// Called after a write has changed the stored value (W1C: after the bits are cleared), with the value as written but
  /// for bits that cannot be written, which are 0.
  void on_write(std::uint32_t offset, std::function<void(std::uint32_t)> callback);

  std::uint32_t get(std::uint32_t offset) const;
  void set(std::uint32_t offset, std::uint32_t value);
  void set_bits(std::uint32_t offset, std::uint32_t mask) { set(offset, get(offset) | mask); }
  /// All registers to their reset values, without callbacks.
  void reset();

  const RegisterMap& map() const { return map_; }

 private:
  struct Entry {
    explicit Entry(const RegisterInfo& reg);

    const RegisterInfo* info;
    std::uint32_t value;
    std::uint32_t stored = 0;   ///< bits that keep what is written
    std::uint32_t cleared = 0;  ///< bits that a written 1 clears
    std::uint32_t written = 0;  ///< those, and others that a write means
    std::function<std::uint32_t()> read;
    std::function<void()> after_read;
    std::function<void(std::uint32_t)> write;
  };
  Entry& entry(std::uint32_t offset);
  tlm::tlm_response_status access(tlm::tlm_generic_payload& transaction);
  std::uint32_t visible(const Entry& entry) const { return entry.read ? entry.read() : entry.value; }

  RegisterMap map_;
  std::map<std::uint32_t, Entry> entries_;
  sc_core::sc_time latency_ = sc_core::SC_ZERO_TIME;
};

}  // namespace flexcim
