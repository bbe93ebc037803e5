#include "platform/visibility/timeline.h"

#include "flow/base/json_output.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

enum Process { kHost = 1, kAccelerator, kDma, kDram, kPower = 100 };
constexpr TraceTrack kState{kHost, 1}, kFunctions{kHost, 2}, kUart{kHost, 3};
constexpr TraceTrack kCommands{kAccelerator, 1}, kDescriptors{kAccelerator, 2}, kLoads{kAccelerator, 3},
    kTiles{kAccelerator, 4}, kWriteBacks{kAccelerator, 5};
constexpr int kFirstSource = 10;  // two threads a source
constexpr std::size_t kDeepest = 256;
constexpr double kPsPerSecond = 1e12;

/// Of a curve.
TraceTrack track_of(int process) { return {process, 0}; }

}  // namespace

Timeline::Timeline(const std::filesystem::path& path, const TimelineOptions& options)
    : events_(path),
      options_(options),
      write_back_lanes_{kWriteBacks, "write-backs"},
      burst_lanes_{{kDma, 1}, "burst"} {
  events_.name_process(kHost, "host");
  events_.name_thread(kState, "state");
  events_.name_thread(kFunctions, "functions");
  events_.name_thread(kUart, "UART");
  events_.name_process(kAccelerator, "accelerator");
  events_.name_thread(kCommands, "commands");
  events_.name_thread(kDescriptors, "descriptors");
  events_.name_thread(kLoads, "weight loads");
  events_.name_thread(kTiles, "tiles");
  events_.name_process(kDma, "DMA");
  for (int c = 0; c < options.dram_channels; ++c) {
    const int process = kDram + c;
    events_.name_process(process, options.dram_channels == 1 ? "DRAM" : fmt::format("DRAM channel {}", c));
    channels_.push_back({{{process, 1}, "access"}, {track_of(process), "\"bytes_per_s\""}});
  }
  events_.name_process(kPower, "power");
}

/// Whether there is room for one more.
bool Timeline::count(Kind& kind, const TraceTrack& track, Picoseconds at) {
  if (kind.slices > options_.most_slices) return false;
  if (kind.slices++ < options_.most_slices) return true;
  events_.instant(track, at, json_string(fmt::format("too many {}: those from here on are left out", kind.plural)));
  return false;
}

/// Whether it is drawn.
bool Timeline::slice(Kind& kind, const TraceTrack& track, Picoseconds from, Picoseconds to, std::string_view name,
                     std::string_view arguments) {
  if (!inside(from, to) || !count(kind, track, from)) return false;
  events_.slice(track, from, to, name, arguments);
  return true;
}

bool Timeline::slice(Kind& kind, Lanes& lanes, Picoseconds from, Picoseconds to, std::string_view name,
                     std::string_view arguments) {
  if (!inside(from, to)) return false;
  // The row that has been empty for the shortest time.
  std::vector<Picoseconds>& ends = lanes.ends;
  std::size_t lane = ends.size();
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] <= from && (lane == ends.size() || ends[i] > ends[lane])) lane = i;
  }
  const TraceTrack track{lanes.first.process, lanes.first.thread + static_cast<int>(lane)};
  if (lane == ends.size()) {
    ends.push_back(0);
    events_.name_thread(track, fmt::format("{} {}", lanes.name, lane));
  }
  ends[lane] = to;
  return slice(kind, track, from, to, name, arguments);
}

void Timeline::host(std::string_view state, Picoseconds until, std::string_view place) {
  if (until <= host_until_) return;
  slice(states_, kState, host_until_, until, json_string(state),
        place.empty() ? std::string() : "\"place\":" + json_string(place));
  host_until_ = until;
}

void Timeline::enter_function(std::string_view name, Picoseconds at) {
  if (at < options_.from_ps) {
    early_.push_back({std::string(name), at});
  } else {
    begin_early();
    begin_function(name, at);
  }
}

/// Those that are not over when from_ps comes.
void Timeline::begin_early() {
  for (const Function& function : early_) begin_function(function.name, function.at);
  early_.clear();
}

void Timeline::begin_function(std::string_view name, Picoseconds at) {
  const bool outer_are_shown = depth_++ == shown_;
  if (!outer_are_shown || shown_ == kDeepest || at > options_.to_ps || !count(functions_, kFunctions, at)) return;
  ++shown_;
  events_.begin(kFunctions, at, name);
}

void Timeline::leave_function(Picoseconds at) {
  if (at < options_.from_ps) return early_.pop_back();
  begin_early();
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
  if (!inside(interrupt.raised, interrupt.returned) || !count(interrupts_, waits, interrupt.raised)) return;
  events_.slice(waits, interrupt.raised, interrupt.entered, json_string(source));
  events_.slice(served, interrupt.entered, interrupt.returned, interrupt.polled ? "\"polled\"" : "\"handler\"");
}

void Timeline::command(const TimelineCommand& command) {
  const std::string tag = fmt::format("\"tag\":{}", command.tag);
  std::string arguments = fmt::format("{},\"cycles\":{}", tag, command.cycles);
  if (!command.error.empty()) arguments += ",\"error\":" + json_string(command.error);
  if (!slice(commands_, kCommands, command.from, command.to, json_string(command.name), arguments)) return;
  events_.slice(kDescriptors, command.from, command.fetched, "\"fetch\"", tag);
}

void Timeline::queued(std::uint32_t commands, Picoseconds at) {
  if (commands == queued_) return;
  queued_ = commands;
  queued_at_ = std::max(queued_at_, at);
  if (!inside(queued_at_, queued_at_) || !count(queue_, kCommands, queued_at_)) return;
  events_.counter(track_of(kAccelerator), queued_at_, "\"queued\"", commands);
}

void Timeline::work(const TimelineWork& work) {
  const auto name = [&](const char* what) { return fmt::format("\"{} {}\"", what, work.tile); };
  const std::string bytes = fmt::format("\"bytes\":{}", work.amount);
  switch (work.kind) {
    case TimelineWork::Kind::load:
      slice(loads_, kLoads, work.from, work.to, name("load"), bytes);
      break;
    case TimelineWork::Kind::compute:
      slice(tiles_, kTiles, work.from, work.to, name("tile"), fmt::format("\"macs\":{}", work.amount));
      break;
    case TimelineWork::Kind::write_back:
      slice(write_backs_, write_back_lanes_, work.from, work.to, name("output tile"), bytes);
      break;
  }
}

void Timeline::sent(char character, Picoseconds at) {
  if (line_.empty()) line_at_ = at;
  if (character != '\n') line_ += character;
  if (character == '\n') put_line();
}

void Timeline::put_line() {
  if (!line_.empty() && inside(line_at_, line_at_) && count(lines_, kUart, line_at_)) {
    events_.instant(kUart, line_at_, json_string(line_));
  }
  line_.clear();
}

bool Timeline::transfer(Kind& kind, Lanes& lanes, const TimelineTransfer& transfer) {
  return slice(kind, lanes, transfer.from, transfer.to, transfer.write ? "\"write\"" : "\"read\"",
               fmt::format("\"address\":\"{:#x}\",\"bytes\":{}", transfer.address, transfer.bytes));
}

void Timeline::burst(const TimelineTransfer& burst, Picoseconds told_up_to) {
  if (transfer(bursts_, burst_lanes_, burst)) {
    ++changes_[burst.from];
    --changes_[burst.to];
  }
  put_bursts(told_up_to);
}

void Timeline::put_bursts(Picoseconds before) {
  const auto end = changes_.lower_bound(before);
  for (auto change = changes_.begin(); change != end; change = changes_.erase(change)) {
    if (change->second == 0) continue;
    under_way_ += change->second;
    events_.counter(track_of(kDma), change->first, "\"outstanding\"", under_way_);
  }
}

void Timeline::dram_access(const TimelineTransfer& access, Picoseconds told_up_to) {
  // An access is in the rows of every channel that has a piece of it.
  const std::uint64_t end = access.address + access.bytes, channels = channels_.size();
  std::vector<std::uint64_t> bytes(channels);
  for (std::uint64_t at = access.address; at < end;) {
    const std::uint64_t piece = at / options_.interleave_bytes;
    const std::uint64_t next = channels == 1 ? end : std::min(end, (piece + 1) * options_.interleave_bytes);
    bytes[piece % channels] += next - at;
    at = next;
  }
  for (std::size_t c = 0; c < channels; ++c) {
    Channel& channel = channels_[c];
    if (bytes[c] > 0) {
      TimelineTransfer part = access;
      part.bytes = static_cast<unsigned>(bytes[c]);
      transfer(accesses_, channel.accesses, part);
      channel.bytes[access.to / options_.window_ps] += bytes[c];
    }
    put_bandwidth(channel, told_up_to / options_.window_ps);
  }
}

/// Of windows before that one. A window counts what ends in it.
void Timeline::put_bandwidth(Channel& channel, Picoseconds before) {
  const auto end = channel.bytes.lower_bound(before);
  const Picoseconds length = options_.window_ps;
  for (auto window = channel.bytes.begin(); window != end; window = channel.bytes.erase(window)) {
    put(channel.bandwidth, window->first * length, (window->first + 1) * length,
        static_cast<double>(window->second) * kPsPerSecond / static_cast<double>(length));
  }
}

void Timeline::put(Curve& curve, Picoseconds from, Picoseconds to, double value) {
  if (!inside(from, to)) return;
  if (from > curve.until) end(curve);
  if (value != curve.last) events_.counter(curve.track, from, curve.name, value);
  curve.last = value;
  curve.until = to;
}

void Timeline::end(Curve& curve) {
  if (curve.last != 0) events_.counter(curve.track, curve.until, curve.name, 0);
  curve.last = 0;
}

void Timeline::value(Curves curves, const std::string& name, Picoseconds from, Picoseconds to, double value) {
  const TraceTrack track = track_of(curves == Curves::power ? kPower : kAccelerator);
  put(curves_.try_emplace({curves, name}, Curve{track, json_string(name)}).first->second, from, to, value);
}

void Timeline::finish() {
  put_line();
  put_bursts(INT64_MAX);
  for (Channel& channel : channels_) {
    put_bandwidth(channel, INT64_MAX);
    end(channel.bandwidth);
  }
  for (auto& [name, curve] : curves_) end(curve);
  events_.finish();
}

}  // namespace flexcim
