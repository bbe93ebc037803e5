// What a waveform writes down during the simulation, and how a dump is made of it.
#pragma once

#include "rtl_models/trace/change_log.h"
#include "rtl_models/trace/trace_spool.h"
#include "rtl_models/trace/vcd_writer.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace flexcim {

/// Records follow each other without gaps. A cycle begins with a record of kCycleBegins, the time of its rising edge
/// (ps). Then comes one for each port that has changed; in the first cycle, for every port.
struct TraceRecord {
  std::uint32_t port = 0;
  std::uint32_t bytes = 0;  ///< that follow

  static constexpr std::uint32_t kCycleBegins = ~std::uint32_t{0};
};

enum class PortValue : std::uint8_t {
  number,  ///< int64
  text,    ///< const char*, of a string that lives as long as the program
  mask,    ///< ColumnMask
  real,    ///< double
  int8s,   ///< elements of a bus; those that a record leaves out are 0
  int32s
};

struct TracePort {
  PortValue value;
  std::vector<int> variables;  ///< of each element, -1 where not shown
};

/// What a viewer should show first.
struct TraceSpan {
  std::uint64_t begin = 0;  ///< rising edge of the first cycle in which a signal changed; 0 if none did
  std::uint64_t end = 0;    ///< last falling edge
};

/// Writes every cycle of `records`: `clock` rises, ports change, `clock` falls `half_period` later (ps); and between
/// them what `changes` has up to the last of these times.
TraceSpan replay(TraceSpool::View records, const std::vector<TracePort>& ports, int clock, std::uint64_t half_period,
                 ChangeReplay& changes, VcdWriter& vcd);

}  // namespace flexcim
