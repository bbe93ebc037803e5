// Everything that listeners are told of a system, in the order of time.
#pragma once

#include "tlm/fabric/picoseconds.h"
#include "tlm/timing/activity.h"
#include "tlm/timing/buffer_access.h"
#include "tlm/timing/crossbar_timing.h"
#include "tlm/timing/dram_timing.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace flexcim::test {

/// Whoever draws what it hears shows the same picture where this is the same text. With a window it is content with
/// the sums of what lies inside of one, and looks at no bytes.
class Told : public ActivityListener, public BufferListener, public DramListener, public GrantListener {
 public:
  explicit Told(std::int64_t clock_ps, std::int64_t window_ps = 0) : clock_ps_(clock_ps), window_ps_(window_ps) {}

  std::int64_t sums_until(std::int64_t start_ps) const override {
    return window_ps_ > 0 ? (start_ps / window_ps_ + 1) * window_ps_ : start_ps;
  }
  bool reads_bytes() const override { return window_ps_ == 0; }
  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override {
    if (kind == ActivityKind::dma && in_one_window(start_ps, end_ps)) {
      Sums& sums = sums_[start_ps / window_ps_];
      sums[0] += events.dma_reads;
      sums[1] += events.dma_writes;
      return;
    }
    std::vector<Line>& lines = kind == ActivityKind::dma ? lines_ : of_command_;
    const auto number = static_cast<int>(kind);
    lines.emplace_back(start_ps, fmt::format("{} begins", number));
    lines.emplace_back(end_ps, fmt::format("{} ends, {} {}", number, events.dma_reads, events.dma_writes));
  }
  void on_access(const BufferAccess& access) override {
    for (std::uint64_t row = 0; row < access.rows; ++row) {
      const std::string kind =
          access.kind == BufferAccess::Kind::fill ? kFill : fmt::format("access {} of", static_cast<int>(access.kind));
      of_command_.emplace_back(
          ps(access.at + row * access.row_cycles),
          fmt::format("{} buffer {}, {} bytes", kind, static_cast<int>(access.buffer), access.row_bytes));
    }
  }
  void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) override {
    of_command_.emplace_back(ps(at), fmt::format("buffer {} has {} less", static_cast<int>(buffer), bytes));
  }
  void on_abort() override {
    // Bytes that come while an error is known already are not told of where they take the phases.
    const std::int64_t now = now_picoseconds();
    const auto over = [now](const Line& line) { return line.first > now || line.second.rfind(kFill, 0) == 0; };
    of_command_.erase(std::remove_if(of_command_.begin(), of_command_.end(), over), of_command_.end());
    end_command();
  }
  void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) override {
    if (in_one_window(start_ps, end_ps)) {
      Sums& sums = sums_[start_ps / window_ps_];
      std::size_t i = 2;
      for (const auto& each : StatisticList<DramEvents>::list) sums[i++] += each.of(events);
      return;
    }
    lines_.emplace_back(start_ps, fmt::format("access, {} {}", events.activates, events.row_hits));
    lines_.emplace_back(end_ps, "access ends");
  }
  void on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) override {
    lines_.emplace_back(at_ps, fmt::format("bank {} {} row {} {}", channel, bank, row, closes));
  }
  void on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) override {
    lines_.emplace_back(start_ps, fmt::format("refresh of {} until {}", channel, end_ps));
  }
  void on_grant(std::size_t initiator, std::size_t target, Picoseconds from_ps, Picoseconds to_ps) override {
    lines_.emplace_back(from_ps, fmt::format("{} to {} until {}", initiator, target, to_ps));
  }

  /// To be called when a command has ended.
  void end_command() {
    lines_.insert(lines_.end(), of_command_.begin(), of_command_.end());
    of_command_.clear();
  }

  std::string text() {
    end_command();
    std::sort(lines_.begin(), lines_.end());
    std::string text;
    for (const auto& [time, what] : lines_) text += fmt::format("{} {}\n", time, what);
    for (const auto& [window, sums] : sums_) text += fmt::format("window {}: {}\n", window, fmt::join(sums, " "));
    return text;
  }

 private:
  using Line = std::pair<std::int64_t, std::string>;
  using Sums = std::array<std::uint64_t, 2 + StatisticList<DramEvents>::list.size()>;
  static constexpr const char* kFill = "fill";

  bool in_one_window(std::int64_t start_ps, std::int64_t end_ps) const {
    return window_ps_ > 0 && end_ps <= sums_until(start_ps);
  }
  std::int64_t ps(Cycle cycle) const { return static_cast<std::int64_t>(cycle) * clock_ps_; }

  const std::int64_t clock_ps_, window_ps_;
  std::vector<Line> lines_;
  std::vector<Line> of_command_;       ///< of the present command
  std::map<std::int64_t, Sums> sums_;  ///< by window: of DMA and DRAM
};

}  // namespace flexcim::test
