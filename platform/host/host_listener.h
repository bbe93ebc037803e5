// Who hears of what a host does, and changes nothing.
#pragma once

#include "tlm/timing/fan_out.h"

#include <systemc>
#include <tlm>

#include <cstdint>

namespace flexcim {

/// An access over the bus: what is not accessed through the direct memory interface.
struct BusAccess {
  bool write = false;
  std::uint64_t address = 0;
  unsigned bytes = 0;
  std::uint32_t value = 0;  ///< the first four bytes, little-endian; of a read when it has ended
};

/// Times are the host's own, which may run ahead of simulated time; they never go back.
class HostListener {
 public:
  virtual ~HostListener() = default;
  virtual void access_begins(const BusAccess& access, const sc_core::sc_time& at) = 0;
  /// The host goes on at `at`. `memory`: the direct memory interface may take its place from now on. An access that
  /// ends the simulation does not end.
  virtual void access_ends(const BusAccess& access, const sc_core::sc_time& at, tlm::tlm_response_status status,
                           bool memory) = 0;
  virtual void falls_asleep(const sc_core::sc_time& at) = 0;
  virtual void wakes(const sc_core::sc_time& at) = 0;
  /// The program of a native host is over.
  virtual void ends(const sc_core::sc_time& /*at*/) {}
};

class HostFanOut : public FanOut<HostListener> {
 public:
  void access_begins(const BusAccess& access, const sc_core::sc_time& at) override {
    for (HostListener* each : listeners_) each->access_begins(access, at);
  }
  void access_ends(const BusAccess& access, const sc_core::sc_time& at, tlm::tlm_response_status status,
                   bool memory) override {
    for (HostListener* each : listeners_) each->access_ends(access, at, status, memory);
  }
  void falls_asleep(const sc_core::sc_time& at) override {
    for (HostListener* each : listeners_) each->falls_asleep(at);
  }
  void wakes(const sc_core::sc_time& at) override {
    for (HostListener* each : listeners_) each->wakes(at);
  }
  void ends(const sc_core::sc_time& at) override {
    for (HostListener* each : listeners_) each->ends(at);
  }
};

}  // namespace flexcim
