// The DRAM in a waveform: what it serves, open rows, refreshes.
#pragma once

#include "rtl_models/trace/trace_file.h"
#include "tlm/memory/dram.h"

#include <string>
#include <vector>

namespace flexcim {

/// Adds signals to a TraceFile and tells of their changes as the DRAM tells it. Accesses that the host makes through
/// DMI touch no bank (tlm/memory/dram.h).
class DramSignals : public DramListener {
 public:
  /// As AcceleratorSignals.
  DramSignals(TraceFile& file, const std::string& scope, Dram& dram);

  void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) override;
  void on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) override;
  void on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) override;

 private:
  using Signal = ChangeLog::Signal;
  /// What is shown of those that hold is the first.
  enum State { writing, reading, refreshing, idle };
  static constexpr std::int64_t kClosed = -1;  ///< as an open row
  struct Channel {
    Signal refresh;
    std::vector<Signal> banks;
  };

  ChangeLog& log_;
  const Picoseconds precharge_ps_;
  Signal state_, queue_, activates_, row_hits_;
  std::vector<Channel> channels_;
};

}  // namespace flexcim
