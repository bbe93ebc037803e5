// The accelerator in a waveform: commands, tiles, buffers, DMA.
#pragma once

#include "rtl_models/trace/trace_file.h"
#include "tlm/accelerator/accelerator.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace flexcim {

/// Adds signals to a TraceFile and tells of their changes as the accelerator tells it, ahead of simulated time or in
/// it. A command appears when it has ended: one that a reset cuts off is not there.
class AcceleratorSignals : public ActivityListener, public BufferListener {
 public:
  /// `scope`: module names joined by dots. `layers`: names by the tag of a command; empty for no such signal. All
  /// outlive it, and it outlives the simulation. To be made before the simulation starts.
  AcceleratorSignals(TraceFile& file, const std::string& scope, Accelerator& accelerator,
                     std::map<std::uint32_t, std::string> layers);

  void on_activity(ActivityKind kind, std::int64_t start_ps, std::int64_t end_ps,
                   const AcceleratorEvents& events) override;
  void on_access(const BufferAccess& access) override;
  void on_free(BufferId buffer, std::uint64_t bytes, Cycle at) override;
  void on_abort() override;
  bool reads_bytes() const override { return false; }

 private:
  using Signal = ChangeLog::Signal;
  /// What is shown of those that hold is the first.
  enum Stage { computing, loading, writing_back, waiting, idle };

  void add_command();
  void add_work();
  void on_command_end(const CommandRecord& record);
  void open_view(std::int64_t start_ps, std::int64_t end_ps);
  void begin_command();
  const char* layer(std::uint32_t tag) const;
  std::int64_t ps(Cycle cycle) const { return static_cast<std::int64_t>(cycle) * clock_ps_; }

  TraceFile& file_;
  ChangeLog& log_;
  const std::string scope_;
  Accelerator& accelerator_;
  const std::map<std::uint32_t, std::string> layers_;
  const std::int64_t clock_ps_;
  Signal busy_, index_, tag_, opcode_, layer_, error_;
  Signal stage_, load_tile_, compute_tile_, write_back_tile_;
  Signal outstanding_, read_bytes_, write_bytes_;
  std::array<Signal, kBuffers> occupancy_;
  std::int64_t commands_ = 0;                                ///< that have ended
  std::int64_t loads_ = 0, computes_ = 0, write_backs_ = 0;  ///< of the present command
};

}  // namespace flexcim
