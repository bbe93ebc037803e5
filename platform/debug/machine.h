// The machine around the processor, as far as a debugger asks for it.
#pragma once

#include "tlm/interface/error_code.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim::debug {

/// A command of the accelerator that has ended.
struct EndedCommand {
  std::uint32_t tag = 0;
  ErrorCode error = ErrorCode::none;
  std::uint64_t descriptor = 0;            ///< its address
  std::uint64_t begin_ps = 0, end_ps = 0;  ///< from when its descriptor is asked for until it has ended
};

/// Who records something while the simulation runs.
class TraceSwitch {
 public:
  virtual ~TraceSwitch() = default;
  /// One word, for the user.
  virtual std::string trace_name() const = 0;
  /// From now on it records, or does not. On from the start.
  virtual void record(bool on) = 0;
};

class Machine {
 public:
  virtual ~Machine() = default;
  /// Commands that have ended since the simulation's start, at simulated time; they are numbered in the order of their
  /// ends, from 0.
  virtual std::size_t command_count() const = 0;
  virtual EndedCommand command(std::size_t number) const = 0;
  /// Devices get the state that they have after reset, at once. Memory and time are as they were.
  virtual void reset() = 0;
  virtual const std::vector<TraceSwitch*>& traces() const = 0;
};

}  // namespace flexcim::debug
