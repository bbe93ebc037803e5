// How full the SRAM buffers are over time, kept until the run is over.
#pragma once

#include "flow/base/cycle.h"
#include "rtl_models/trace/trace_spool.h"
#include "tlm/timing/buffer_access.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace flexcim {

/// Bytes held by each buffer, on average over each window: exact, since windows add up how long every byte was there.
/// Its size depends on what happens, not on the number of windows; beyond the first megabyte it lies in a file without
/// a name. What is told before its time waits in memory.
class BufferLog : public BufferListener {
 public:
  using Means = std::array<double, kBuffers>;  ///< by BufferId

  /// `window_ps`, `clock_ps` > 0. `file`: as of PowerLog. `now`: time does not decrease, all that happens before it has
  /// been told, and it is when a command is cut off.
  BufferLog(Picoseconds window_ps, Picoseconds clock_ps, const std::string& file, std::function<Picoseconds()> now);

  void on_access(const BufferAccess& access) override;
  void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) override;
  void on_abort() override;
  bool reads_bytes() const override { return false; }

  /// All that happens before `until_ps`, which does not decrease, has been told. Throws std::system_error where
  /// something could not be kept.
  void settle(Picoseconds until_ps);
  /// How much has been told and is not settled, in calls of on_access() and on_free().
  std::size_t waiting() const;

  /// Means of windows, in order, up to the time to which all has been settled.
  class Reader {
   public:
    /// The window that begins at `from_ps`, a multiple of window_ps, and may end early.
    Means next(Picoseconds from_ps, Picoseconds to_ps);

   private:
    friend class BufferLog;
    Reader(TraceSpool::View view, Picoseconds window_ps) : at_(view.begin), end_(view.end), window_ps_(window_ps) {}

    const unsigned char* at_;
    const unsigned char* end_;
    const Picoseconds window_ps_;
    std::array<std::int64_t, kBuffers> level_ = {};
  };
  /// Settles all up to the end of the run. Valid until the next settle().
  Reader read(Picoseconds end_ps);

 private:
  /// Rows of `bytes` that come (or go, < 0), `period_ps` apart.
  struct Rows {
    Picoseconds at_ps;
    Picoseconds period_ps;
    std::uint64_t count;
    std::int64_t bytes;
  };
  /// What a window adds to levels, and to bytes times picoseconds if it goes on to its full length.
  struct Change {
    std::array<std::int64_t, kBuffers> bytes = {};
    std::array<__int128, kBuffers> byte_ps = {};
  };
  struct Record {
    Picoseconds window;
    Change change;
  };

  void tell(std::deque<Rows>& told, const Rows& rows);
  void apply(std::size_t buffer, const Rows& rows);
  void apply_until(Picoseconds until_ps);
  void write_windows(Picoseconds before);
  Picoseconds ps(Cycle cycle) const { return static_cast<Picoseconds>(cycle) * clock_ps_; }

  const Picoseconds window_ps_, clock_ps_;
  const std::function<Picoseconds()> now_;
  Picoseconds written_ps_ = 0;  ///< windows before it are in the spool
  /// Told and not settled, in order: of each buffer what comes, and what goes.
  std::array<std::deque<Rows>, kBuffers> comes_, goes_;
  std::size_t told_ = 0;                           ///< calls since something was settled
  std::array<std::int64_t, kBuffers> level_ = {};  ///< when the last of what is settled has happened
  std::map<Picoseconds, Change> windows_;          ///< that have begun and are not over, or are being settled
  TraceSpool spool_;
};

}  // namespace flexcim
