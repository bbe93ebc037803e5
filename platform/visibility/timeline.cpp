#include "platform/visibility/timeline.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <utility>

namespace flexcim {
namespace {

enum Process { kHost = 1, kAccelerator, kDma, kDram };
constexpr TraceTrack kState{kHost, 1}, kFunctions{kHost, 2}, kUart{kHost, 3}, kCommands{kAccelerator, 1};
constexpr TraceTrack kOutstanding{kDma, 0}, kBandwidth{kDram, 0};
constexpr int kFirstSource = 10;  // two threads a source
constexpr std::size_t kDeepest = 256;
constexpr double kPsPerSecond = 1e12;

}  // namespace

Timeline::Timeline(const std::filesystem::path& path, Picoseconds window_ps, std::uint64_t most_functions)
    : events_(path),
      window_ps_(window_ps),
      most_functions_(most_functions),
      bursts_{kDma, "burst"},
      accesses_{kDram, "access"} {
  events_.name_process(kHost, "host");
  events_.name_thread(kState, "state");
  events_.name_thread(kFunctions, "functions");
  events_.name_thread(kUart, "UART");
  events_.name_process(kAccelerator, "accelerator");
  events_.name_thread(kCommands, "commands");
  events_.name_process(kDma, "DMA");
  events_.name_process(kDram, "DRAM");
}

void Timeline::host(std::string_view state, Picoseconds until, std::string_view place) {
  if (until <= host_until_) return;
  events_.slice(kState, host_until_, until, json_text(state),
                place.empty() ? std::string() : "\"place\":" + json_text(place));
  host_until_ = until;
}

void Timeline::enter_function(std::string_view name, Picoseconds at) {
  const bool outer_are_shown = depth_++ == shown_;
  if (!outer_are_shown || shown_ == kDeepest || functions_ > most_functions_) return;
  if (functions_++ == most_functions_) {
    events_.instant(kFunctions, at, json_text("too many functions: those from here on are left out"));
    return;
  }
  ++shown_;
  events_.begin(kFunctions, at, name);
}

void Timeline::leave_function(Picoseconds at) {
  if (--depth_ >= shown_) return;
  --shown_;
  events_.end(kFunctions, at);
}

void Timeline::interrupt(const ServedInterrupt& interrupt, const std::string& source) {
  const TraceTrack waits{kHost, kFirstSource + 2 * static_cast<int>(interrupt.source)};
  const TraceTrack served{kHost, waits.thread + 1};
  if (interrupt.source >= sources_.size()) sources_.resize(interrupt.source + 1);
  if (!sources_[interrupt.source]) {
    sources_[interrupt.source] = true;
    events_.name_thread(waits, source + " interrupt waits");
    events_.name_thread(served, source + " interrupt is served");
  }
  events_.slice(waits, interrupt.raised, interrupt.entered, json_text(source));
  events_.slice(served, interrupt.entered, interrupt.returned, interrupt.polled ? "\"polled\"" : "\"handler\"");
}

void Timeline::command(const TimelineCommand& command) {
  std::string arguments = fmt::format("\"tag\":{},\"cycles\":{}", command.tag, command.cycles);
  if (!command.error.empty()) arguments += ",\"error\":" + json_text(command.error);
  events_.slice(kCommands, command.from, command.to, json_text(command.name), arguments);
}

void Timeline::sent(char character, Picoseconds at) {
  if (line_.empty()) line_at_ = at;
  if (character != '\n') line_ += character;
  if (character == '\n') put_line();
}

void Timeline::put_line() {
  if (!line_.empty()) events_.instant(kUart, line_at_, json_text(line_));
  line_.clear();
}

void Timeline::transfer(Lanes& lanes, const TimelineTransfer& transfer) {
  // The row that has been empty for the shortest time.
  std::size_t lane = lanes.ends.size();
  for (std::size_t i = 0; i < lanes.ends.size(); ++i) {
    if (lanes.ends[i] <= transfer.from && (lane == lanes.ends.size() || lanes.ends[i] > lanes.ends[lane])) lane = i;
  }
  const TraceTrack track{lanes.process, 1 + static_cast<int>(lane)};
  if (lane == lanes.ends.size()) {
    lanes.ends.push_back(0);
    events_.name_thread(track, fmt::format("{} {}", lanes.name, lane));
  }
  lanes.ends[lane] = transfer.to;
  events_.slice(track, transfer.from, transfer.to, transfer.write ? "\"write\"" : "\"read\"",
                fmt::format("\"address\":\"{:#x}\",\"bytes\":{}", transfer.address, transfer.bytes));
}

void Timeline::burst(const TimelineTransfer& burst, Picoseconds told_up_to) {
  transfer(bursts_, burst);
  ++changes_[burst.from];
  --changes_[burst.to];
  put_bursts(told_up_to);
}

void Timeline::put_bursts(Picoseconds before) {
  const auto end = changes_.lower_bound(before);
  for (auto change = changes_.begin(); change != end; change = changes_.erase(change)) {
    if (change->second == 0) continue;
    under_way_ += change->second;
    events_.counter(kOutstanding, change->first, "\"outstanding\"", under_way_);
  }
}

void Timeline::dram_access(const TimelineTransfer& access, Picoseconds told_up_to) {
  transfer(accesses_, access);
  bytes_[access.to / window_ps_] += access.bytes;
  put_bandwidth(told_up_to / window_ps_);
}

/// Of windows before that one. A window counts what ends in it.
void Timeline::put_bandwidth(Picoseconds before) {
  const auto end = bytes_.lower_bound(before);
  for (auto window = bytes_.begin(); window != end; window = bytes_.erase(window)) {
    if (window->first > quiet_from_) events_.counter(kBandwidth, quiet_from_ * window_ps_, "\"bytes_per_s\"", 0);
    events_.counter(kBandwidth, window->first * window_ps_, "\"bytes_per_s\"",
                    static_cast<double>(window->second) * kPsPerSecond / static_cast<double>(window_ps_));
    quiet_from_ = window->first + 1;
  }
}

void Timeline::finish() {
  put_line();
  put_bursts(INT64_MAX);
  put_bandwidth(INT64_MAX);
  events_.finish();
}

}  // namespace flexcim
