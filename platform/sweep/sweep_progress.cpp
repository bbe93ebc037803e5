#include "platform/sweep/sweep_progress.h"

#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

namespace flexcim {
namespace {

constexpr std::chrono::milliseconds kRedraw{200};
constexpr std::chrono::seconds kNextLine{10};
constexpr const char* kClearLine = "\r\x1b[K";

/// "0:23", "1:05:00"
std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  const std::string rest = fmt::format("{:02}", whole % 60);
  if (whole < 3600) return fmt::format("{}:{}", whole / 60, rest);
  return fmt::format("{}:{:02}:{}", whole / 3600, whole / 60 % 60, rest);
}

}  // namespace

SweepProgress::SweepProgress(std::uint64_t points, std::vector<Objective> objectives)
    : terminal_(::isatty(STDERR_FILENO) != 0),
      points_(points),
      objectives_(std::move(objectives)),
      best_(objectives_.size()) {}

SweepProgress::~SweepProgress() {
  if (!terminal_) return;
  std::fputs(kClearLine, stderr);
  std::fflush(stderr);
}

void SweepProgress::add(const std::vector<double>& values, bool before) {
  ++done_;
  if (before) ++before_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::optional<double>& best = best_[i];
    if (!best || (objectives_[i].maximize ? values[i] > *best : values[i] < *best)) best = values[i];
  }
}

void SweepProgress::show(const std::string& more) {
  const Clock::time_point now = Clock::now();
  if (now - shown_ < (terminal_ ? Clock::duration(kRedraw) : Clock::duration(kNextLine))) return;
  shown_ = now;
  const std::string text = line(std::chrono::duration<double>(now - start_).count()) + more;
  fmt::print(stderr, "{}{}{}", terminal_ ? kClearLine : "", text, terminal_ ? "" : "\n");
  std::fflush(stderr);
}

std::string SweepProgress::line(double seconds) const {
  std::string text = fmt::format("{} of {} points", done_, points_);
  const auto fresh = static_cast<double>(done_ - before_);
  if (fresh > 0 && seconds > 0) {
    const double rate = fresh / seconds;
    text += fmt::format(", {:.4g}/s, {} left", rate, clock_text(static_cast<double>(points_ - done_) / rate));
  }
  for (std::size_t i = 0; i < objectives_.size(); ++i) {
    if (best_[i]) text += fmt::format("{} {} {:.4g}", i == 0 ? "; best" : ",", objectives_[i].metric, *best_[i]);
  }
  return text;
}

}  // namespace flexcim
