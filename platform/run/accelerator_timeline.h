// The accelerator's rows of timeline.json.
#pragma once

#include "platform/visibility/timeline.h"
#include "tlm/accelerator/accelerator.h"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace flexcim {

/// Draws what the accelerator tells, ahead of simulated time or in it. What a reset or an error cuts off is drawn up to
/// there; a command that a reset cuts off is not.
class AcceleratorTimeline : private ActivityListener, private BufferListener {
 public:
  /// `layer`: the name of the command with that tag, or empty. To be made before the simulation starts, which both
  /// others outlive.
  AcceleratorTimeline(Timeline& timeline, Accelerator& accelerator,
                      std::function<std::string(std::uint32_t tag)> layer);

  /// Registers of a device have been written.
  void written(Picoseconds at) { timeline_.queued(accelerator_.queued(), at); }

 private:
  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override;
  void on_access(const BufferAccess& access) override;
  void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) override;
  void on_abort() override;
  bool reads_bytes() const override { return false; }

  void on_command_end(const CommandRecord& record);
  void add(TimelineWork::Kind kind, std::uint64_t amount, Picoseconds from, Picoseconds to);
  void draw(Picoseconds until);
  Picoseconds ps(Cycle cycle) const { return static_cast<Picoseconds>(cycle) * clock_ps_; }

  static constexpr std::size_t kKinds = 3;

  Timeline& timeline_;
  Accelerator& accelerator_;
  const std::function<std::string(std::uint32_t)> layer_;
  const Picoseconds clock_ps_;
  std::array<std::uint64_t, kKinds> tiles_ = {};       ///< by kind, of the present command
  std::array<std::deque<TimelineWork>, kKinds> told_;  ///< and not over yet
  std::deque<TimelineWork> write_backs_;               ///< that have begun, their end is not known
};

}  // namespace flexcim
