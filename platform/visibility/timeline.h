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
#include <utility>
#include <vector>

namespace flexcim {

struct TimelineOptions {
  Picoseconds window_ps;                       ///< span of a value of what is summed up
  Picoseconds from_ps = 0, to_ps = INT64_MAX;  ///< what overlaps this span is drawn, as a whole
  int dram_channels = 1;
  std::uint64_t interleave_bytes = 256;   ///< neighbouring channels have neighbouring pieces of this size
  std::uint64_t most_slices = 2'000'000;  ///< of each kind; 120 bytes each
};

/// A command of the accelerator.
struct TimelineCommand {
  std::string name;  ///< of its layer
  std::uint32_t tag = 0;
  std::string error;  ///< empty without
  std::uint64_t cycles = 0;
  Picoseconds from = 0, fetched = 0, to = 0;  ///< fetched: its descriptor has arrived
};

/// What the accelerator does with a tile.
struct TimelineWork {
  enum class Kind { load, compute, write_back };
  Kind kind;
  std::uint64_t tile;    ///< in its command, from 0
  std::uint64_t amount;  ///< compute: multiplications, others: bytes
  Picoseconds from, to;
};

/// A burst of the DMA, or an access of the DRAM.
struct TimelineTransfer {
  bool write = false;
  std::uint64_t address = 0;
  unsigned bytes = 0;
  Picoseconds from = 0, to = 0;
};

/// Processes are the host (what it does, its functions, what its UART sends, for each source of interrupts those that
/// wait and those that are served), the accelerator (commands, their descriptors, weight loads, tiles, write-backs, how
/// many commands are queued), the DMA (bursts, and how many are under way), the channels of the DRAM (accesses, and
/// bytes per second) and power. What may overlap is in rows of its own. Of each kind of slices those behind
/// TimelineOptions::most_slices are left out, which a mark says. Each function is to be called in the order of time of
/// what it draws, but for transfers, which come in the order of their end.
class Timeline {
 public:
  Timeline(const std::filesystem::path& path, const TimelineOptions& options);

  /// The host has done that ("running") since the last call. `place`: what it accesses, or empty.
  void host(std::string_view state, Picoseconds until, std::string_view place = {});
  /// `name` is JSON (json_string()); left in the opposite order. Functions deeper than viewers show are left out.
  void enter_function(std::string_view name, Picoseconds at);
  void leave_function(Picoseconds at);
  void interrupt(const ServedInterrupt& interrupt, const std::string& source);
  void command(const TimelineCommand& command);
  /// So many commands wait or are worked on from now on.
  void queued(std::uint32_t commands, Picoseconds at);
  void work(const TimelineWork& work);
  /// A character of the UART. Lines are shown where they begin.
  void sent(char character, Picoseconds at);
  /// None that begins before `told_up_to` will come any more.
  void burst(const TimelineTransfer& transfer, Picoseconds told_up_to);
  void dram_access(const TimelineTransfer& transfer, Picoseconds told_up_to);

  /// Whose curve it is.
  enum class Curves { accelerator, power };
  /// The curve `name` (no JSON) has had this value from..to, a window behind those of earlier calls.
  void value(Curves curves, const std::string& name, Picoseconds from, Picoseconds to, double value);

  /// Puts the file in its place.
  void finish();

 private:
  /// Slices of a kind.
  struct Kind {
    const char* plural;
    std::uint64_t slices = 0;  ///< so far; one more than the most when the mark has been made
  };
  /// Rows of slices that do not overlap.
  struct Lanes {
    TraceTrack first;
    std::string name;
    std::vector<Picoseconds> ends = {};
  };
  /// Windows and their values; between them it is 0.
  struct Curve {
    TraceTrack track;
    std::string name;  ///< JSON
    double last = 0;
    Picoseconds until = 0;
  };
  struct Channel {
    Lanes accesses;
    Curve bandwidth;
    std::map<Picoseconds, std::uint64_t> bytes = {};  ///< by window
  };
  struct Function {
    std::string name;
    Picoseconds at;
  };

  bool inside(Picoseconds from, Picoseconds to) const { return to >= options_.from_ps && from <= options_.to_ps; }
  bool count(Kind& kind, const TraceTrack& track, Picoseconds at);
  bool slice(Kind& kind, const TraceTrack& track, Picoseconds from, Picoseconds to, std::string_view name,
             std::string_view arguments = {});
  bool slice(Kind& kind, Lanes& lanes, Picoseconds from, Picoseconds to, std::string_view name,
             std::string_view arguments);
  bool transfer(Kind& kind, Lanes& lanes, const TimelineTransfer& transfer);
  void begin_function(std::string_view name, Picoseconds at);
  void begin_early();
  void put_bursts(Picoseconds before);
  void put_bandwidth(Channel& channel, Picoseconds before);
  void put(Curve& curve, Picoseconds from, Picoseconds to, double value);
  void end(Curve& curve);
  void put_line();

  TraceEvents events_;
  const TimelineOptions options_;
  Kind states_{"states"}, functions_{"functions"}, interrupts_{"interrupts"}, lines_{"lines"}, commands_{"commands"},
      queue_{"changes of the queue"}, loads_{"weight loads"}, tiles_{"tiles"}, write_backs_{"write-backs"},
      bursts_{"bursts"}, accesses_{"accesses"};
  Picoseconds host_until_ = 0;
  std::size_t depth_ = 0;        ///< of functions
  std::size_t shown_ = 0;        ///< of them, from the outermost on
  std::vector<Function> early_;  ///< entered before from_ps, which has not come yet
  std::vector<bool> sources_;    ///< of interrupts, whose rows have names
  std::string line_;             ///< of the UART, not complete
  Picoseconds line_at_ = 0;      ///< its first character
  std::uint32_t queued_ = 0;     ///< commands, from ...
  Picoseconds queued_at_ = 0;    ///< ... then on
  Lanes write_back_lanes_, burst_lanes_;
  std::map<Picoseconds, int> changes_;  ///< of how many bursts are under way
  int under_way_ = 0;
  std::vector<Channel> channels_;
  std::map<std::pair<Curves, std::string>, Curve> curves_;
};

}  // namespace flexcim
