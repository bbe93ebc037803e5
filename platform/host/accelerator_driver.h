// The driver of the accelerator, as firmware has it: ring, doorbell, interrupt (docs/architecture.md §7).
#pragma once

#include "platform/host/native_host.h"
#include "tlm/interface/descriptor.h"

#include <cstdint>

namespace flexcim {

/// How a command ended.
struct CommandOutcome {
  ErrorCode error = ErrorCode::none;
  std::uint64_t descriptor = 0;  ///< its address, where it ended with an error
};

/// Runs on a host: every register access is a bus access that takes time.
class AcceleratorDriver {
 public:
  static constexpr std::uint32_t ring_entries = 16;

  /// `ring`: address of ring_entries * kDescriptorBytes bytes of memory, 16-byte aligned.
  AcceleratorDriver(NativeHost& host, std::uint64_t ring) : host_(host), ring_(ring) {}

  /// Checks the identity, resets and enables the accelerator and its interrupt. Throws BusError where no accelerator
  /// answers.
  void start();
  /// Puts one command into the ring, rings the doorbell, sleeps until it has ended.
  CommandOutcome run(Descriptor command);

 private:
  std::uint32_t get(std::uint32_t offset);
  void set(std::uint32_t offset, std::uint32_t value);

  NativeHost& host_;
  std::uint64_t ring_;
  std::uint32_t tail_ = 0;
};

}  // namespace flexcim
