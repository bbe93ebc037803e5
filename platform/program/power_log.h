// What happens over time, kept until the run is over and power can be computed (docs/energy.md).
#pragma once

#include "platform/program/soc_counts.h"
#include "rtl_models/trace/trace_spool.h"
#include "tlm/timing/activity.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>

namespace flexcim {

/// Counts that come as intervals: the accelerator's events, then the DRAM's.
constexpr std::size_t kAcceleratorCounts = StatisticList<AcceleratorEvents>::list.size();
constexpr std::size_t kDramCounts = StatisticList<DramEvents>::list.size();
using TimedCounts = std::array<std::uint64_t, kAcceleratorCounts + kDramCounts>;

/// Keeps what accelerator and DRAM do as intervals, and all other counts where they change. Its size depends on what
/// happens, not on the number of windows; beyond the first megabytes it lies in files without names.
class PowerLog : public ActivityListener, public DramListener {
 public:
  /// `window_ps` > 0. `file`: the one that will be made of the log; what does not stay in memory lies in its folder.
  PowerLog(std::int64_t window_ps, const std::string& file);

  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override;
  /// Up to the end of the window.
  std::int64_t sums_until(std::int64_t start_ps) const override { return (start_ps / window_ps_ + 1) * window_ps_; }
  void on_access(std::int64_t start_ps, std::int64_t end_ps, const DramEvents& events) override;
  void on_activate(int, int, std::int64_t, bool, Picoseconds) override {}  // counted by on_access()
  void on_refresh(int, Picoseconds, Picoseconds) override {}
  /// What host and macros have done up to the end of window `window`, [window, window + 1) * window_ps. Windows
  /// come in order; one in which nothing has changed may be left out. Throws std::system_error where something could
  /// not be kept.
  void sample(std::uint64_t window, const SocCounts& counts);

  /// Called for each window, in order, with its end and the counts from the start up to that end; the DRAM's counts are
  /// those of its intervals.
  using Row = std::function<void(std::int64_t end_ps, const AcceleratorEvents& events, const SocCounts& counts)>;
  /// Calls `row` for the windows up to `end_ps`. The last one may be shorter, and takes what lies behind it. Events are
  /// spread evenly over their interval; none is lost or counted twice. Throws std::system_error where something could
  /// not be kept.
  void replay(std::int64_t end_ps, const Row& row);

 private:
  /// Intervals of one kind, nearly in the order of their start.
  struct Intervals {
    explicit Intervals(const std::string& file);

    TraceSpool spool;
    std::int64_t window = -1;  ///< in which those lie that have not been written yet; negative for none
    TimedCounts inside{};      ///< their sum
  };

  void keep(Intervals& intervals, std::int64_t start_ps, std::int64_t end_ps, const std::uint64_t* counts,
            std::size_t first, std::size_t count);
  void flush(Intervals& intervals);
  void require_kept() const;

  const std::int64_t window_ps_;
  std::array<Intervals, kActivityKinds + 1> kinds_;  ///< of the accelerator, and the DRAM's
  TraceSpool samples_;
  SocCounts last_;
};

}  // namespace flexcim
