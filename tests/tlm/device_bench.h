// What a device test needs: a bus with register helpers, a program that runs in simulated time, and a log of a line.
#pragma once

#include "tlm/observe/protocol_checker.h"

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <sysc/kernel/sc_spawn.h>
#include <utility>
#include <vector>

namespace flexcim {

/// Accesses to one device by blocking transport, under the eyes of the protocol checker.
class DeviceBus : public sc_core::sc_module {
 public:
  explicit DeviceBus(const sc_core::sc_module_name& name = "bus") : sc_module(name) {
    socket.bind(checker.from_initiator);
  }

  tlm_utils::simple_initiator_socket<DeviceBus> socket{"socket"};
  ProtocolChecker checker{"checker"};

  template <typename TargetSocket>
  void connect(TargetSocket& target) {
    checker.to_target.bind(target);
  }

  /// One access of `bytes` bytes; its response is the result.
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, std::uint64_t& value,
                                  unsigned bytes = 4) {
    tlm::tlm_generic_payload transaction;
    prepare(transaction, command, address, value, bytes);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(transaction, delay);
    CHECK(delay == sc_core::SC_ZERO_TIME);  // registers change in simulated time
    return transaction.get_response_status();
  }
  tlm::tlm_response_status try_read(std::uint64_t address, unsigned bytes = 4) {
    std::uint64_t value = 0;
    return access(tlm::TLM_READ_COMMAND, address, value, bytes);
  }
  tlm::tlm_response_status try_write(std::uint64_t address, std::uint64_t value, unsigned bytes = 4) {
    return access(tlm::TLM_WRITE_COMMAND, address, value, bytes);
  }
  /// A read that has to succeed.
  std::uint32_t read(std::uint64_t address) {
    std::uint64_t value = 0;
    CHECK(access(tlm::TLM_READ_COMMAND, address, value) == tlm::TLM_OK_RESPONSE);
    return static_cast<std::uint32_t>(value);
  }
  /// A write that has to succeed.
  void write(std::uint64_t address, std::uint32_t value) { CHECK(try_write(address, value) == tlm::TLM_OK_RESPONSE); }
  /// A debug read of one register.
  std::uint32_t peek(std::uint64_t address) {
    tlm::tlm_generic_payload transaction;
    std::uint64_t value = 0;
    prepare(transaction, tlm::TLM_READ_COMMAND, address, value, 4);
    CHECK(socket->transport_dbg(transaction) == 4);
    return static_cast<std::uint32_t>(value);
  }

 private:
  static void prepare(tlm::tlm_generic_payload& transaction, tlm::tlm_command command, std::uint64_t address,
                      std::uint64_t& value, unsigned bytes) {
    transaction.set_command(command);
    transaction.set_address(address);
    transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    transaction.set_data_length(bytes);
    transaction.set_streaming_width(bytes);
  }
};

/// Every change of a line with its time.
class LineLog : public sc_core::sc_module {
 public:
  explicit LineLog(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(LineLog);
    SC_METHOD(log);
    sensitive << line;
    dont_initialize();
  }

  sc_core::sc_signal<bool> line{"line"};
  std::vector<std::pair<sc_core::sc_time, bool>> changes;

 private:
  void log() { changes.emplace_back(sc_core::sc_time_stamp(), line.read()); }
};

inline sc_core::sc_time ns(double time) { return {time, sc_core::SC_NS}; }

/// Lets the delta cycles of this time pass.
inline void settle() {
  for (int delta = 0; delta < 4; ++delta) sc_core::wait(sc_core::SC_ZERO_TIME);
}

/// Waits until `time` after the simulation's start, and for its delta cycles.
inline void at(const sc_core::sc_time& time) {
  if (time > sc_core::sc_time_stamp()) sc_core::wait(time - sc_core::sc_time_stamp());
  settle();
}

/// Runs `program` as a thread until nothing more happens.
inline void simulate(const std::function<void()>& program) {
  sc_core::sc_spawn(program, "program");
  sc_core::sc_start();
}

}  // namespace flexcim
