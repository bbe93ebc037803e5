// The firmware's driver (platform/firmware/driver) for a program in C++: the same C source as on a processor.
#pragma once

#include "platform/driver/program_host.h"
#include "platform/firmware/driver/flexcim_port.h"
#include "tlm/interface/descriptor.h"

#include <cstdint>
#include <memory>

struct flexcim_driver;

namespace flexcim {

/// How a command ended.
struct CommandOutcome {
  ErrorCode error = ErrorCode::none;
  std::uint64_t descriptor = 0;  ///< its address, where it ended with an error
};

/// What drivers in C need of the machine, from the program of `host`, which outlives it. What the bus refuses is thrown
/// through them as BusError.
flexcim_port native_port(ProgramHost& host);

/// Runs on a host: every register access is a bus access that takes time, and what the bus refuses is a BusError.
class FirmwareDriver {
 public:
  static constexpr std::uint32_t ring_entries = 16;

  /// `ring`: address of ring_entries * kDescriptorBytes bytes of memory, 16-byte aligned. `host` outlives the driver.
  FirmwareDriver(ProgramHost& host, std::uint64_t ring);
  FirmwareDriver(FirmwareDriver&&) noexcept;
  ~FirmwareDriver();

  /// Checks the identity, resets and enables the accelerator and its interrupt. Throws BusError where no accelerator
  /// answers.
  void start();
  /// Puts a command into the ring, behind those that have not ended, and rings the doorbell. Returns its ticket. At
  /// most ring_entries - 1 have not ended.
  std::uint32_t submit(const Descriptor& command);
  /// Sleeps until the command of a ticket has ended.
  CommandOutcome wait(std::uint32_t ticket);
  /// The queue goes on behind a command that has failed, where that has halted it.
  void go_on();
  /// Both.
  CommandOutcome run(const Descriptor& command) { return wait(submit(command)); }

  /// For everything else that it does (flexcim_driver.h), once it is started.
  flexcim_driver* get();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flexcim
