// What host, accelerator and memory do, side by side: timeline.json.
#pragma once

#include "flow/base/cycle.h"
#include "platform/visibility/call_profile.h"
#include "platform/visibility/interrupt_log.h"
#include "platform/visibility/trace_events.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// A command of the accelerator.
struct TimelineCommand {
  std::string name;  ///< of its layer
  std::uint32_t tag = 0;
  std::string error;  ///< empty without
  std::uint64_t cycles = 0;
  Picoseconds from = 0, to = 0;
};

/// A burst of the DMA, or an access of the DRAM.
struct TimelineTransfer {
  bool write = false;
  std::uint64_t address = 0;
  unsigned bytes = 0;
  Picoseconds from = 0, to = 0;
};

/// Processes are the host (what it does, its functions, what its UART sends, for each source of interrupts those that
/// wait and those that are served), the accelerator (its commands), the DMA (bursts, and how many are under way) and
/// the DRAM (accesses, and bytes per second). Transfers that overlap are in rows of their own. Each function is to be
/// called in the order of time of what it draws, but for transfers, which come in the order of their end.
class Timeline {
 public:
  /// 600 MB.
  static constexpr std::uint64_t default_functions = 5'000'000;

  /// `window_ps`: span of a value of the DRAM's bytes per second; `most_functions`: slices of functions.
  Timeline(const std::filesystem::path& path, Picoseconds window_ps, std::uint64_t most_functions = default_functions);

  /// The host has done that ("running") since the last call. `place`: what it accesses, or empty.
  void host(std::string_view state, Picoseconds until, std::string_view place = {});
  /// `name` is JSON (json_text()); left in the opposite order. Functions deeper than viewers show are left out, and
  /// those behind the first `most_functions`, which a mark says.
  void enter_function(std::string_view name, Picoseconds at);
  void leave_function(Picoseconds at);
  void interrupt(const ServedInterrupt& interrupt, const std::string& source);
  void command(const TimelineCommand& command);
  /// A character of the UART. Lines are shown where they begin.
  void sent(char character, Picoseconds at);
  /// None that begins before `told_up_to` will come any more.
  void burst(const TimelineTransfer& transfer, Picoseconds told_up_to);
  void dram_access(const TimelineTransfer& transfer, Picoseconds told_up_to);
  /// Puts the file in its place.
  void finish();

 private:
  /// Rows of transfers that do not overlap.
  struct Lanes {
    int process;
    const char* name;
    std::vector<Picoseconds> ends = {};
  };
  void transfer(Lanes& lanes, const TimelineTransfer& transfer);
  void put_bursts(Picoseconds before);
  void put_bandwidth(Picoseconds before);
  void put_line();

  TraceEvents events_;
  const Picoseconds window_ps_;
  const std::uint64_t most_functions_;
  Picoseconds host_until_ = 0;
  std::size_t depth_ = 0;        ///< of functions
  std::size_t shown_ = 0;        ///< of them, from the outermost on
  std::uint64_t functions_ = 0;  ///< that have been shown
  std::vector<bool> sources_;    ///< of interrupts, whose rows have names
  std::string line_;             ///< of the UART, not complete
  Picoseconds line_at_ = 0;      ///< its first character
  Lanes bursts_, accesses_;
  std::map<Picoseconds, int> changes_;  ///< of how many bursts are under way
  int under_way_ = 0;
  std::map<Picoseconds, std::uint64_t> bytes_;  ///< of the DRAM, by window
  Picoseconds quiet_from_ = 0;                  ///< window behind the last one that was drawn
};

}  // namespace flexcim
