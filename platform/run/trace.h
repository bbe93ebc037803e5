// The waveform of a run.
#pragma once

#include "platform/config/scenario.h"
#include "platform/debug/machine.h"
#include "platform/results/run_result.h"
#include "platform/run/simulation.h"
#include "platform/soc/soc_waveform.h"
#include "rtl_models/observe/waveform.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// Of one simulation: its macros, its SoC, or both.
class RunTrace : public debug::TraceSwitch {
 public:
  /// `macros`, `soc`: null for none. `file`: of `soc`, null where it is that of `macros`.
  RunTrace(const Scenario& scenario, std::unique_ptr<TraceFile> file, std::unique_ptr<Waveform> macros,
           std::unique_ptr<SocWaveform> soc);

  std::string trace_name() const override { return "waveform"; }
  void record(bool on) override;
  /// Throws std::system_error if what was recorded could not be kept (disk full): there will be no waveform.
  void require_kept() const;
  /// Writes the files, unless nothing has been recorded, with the power of the traced simulation, whose result is
  /// `result`. Returns what has been. Throws std::system_error naming a file that could not be written.
  TraceResult close(const SimulationResult& result);
  /// In place of close(): takes away what others have recorded into the folder meanwhile.
  void discard() { file().discard_beside(); }
  /// Whether close() has written files.
  bool written() const { return written_; }

 private:
  TraceFile& file() { return macros_ ? macros_->file() : *file_; }

  TraceResult recorded_;
  bool written_ = false;
  std::unique_ptr<TraceFile> file_;  ///< null: that of macros_
  std::unique_ptr<Waveform> macros_;
  std::unique_ptr<SocWaveform> soc_;
};

/// Records into `folder` (empty: nothing will run), as scenario.trace says: with trace.soc the first simulation,
/// without the macros of the first pin-accurate one; null where there is none or no waveform is wanted. To be called
/// before the simulation starts. Throws InputError for globs that match nothing, with the place of each in the
/// scenario, and where an FST is wanted and vcd2fst is not installed.
std::unique_ptr<RunTrace> make_trace(const Scenario& scenario,
                                     const std::vector<std::unique_ptr<Simulation>>& simulations,
                                     const std::filesystem::path& folder);

}  // namespace flexcim
