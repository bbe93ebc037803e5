// The SystemC macro and a Verilated one in one waveform.
#pragma once

#include "rtl_models/trace/trace_file.h"
#include "rtl_models/verilated/lockstep.h"

#include <string>

namespace flexcim {

/// How deep into the RTL.
enum class RtlDepth {
  pins,  ///< its pins, and the signals right in its top module
  all
};

/// Adds the RTL's own signals, in the scope verilog_SCOPE, to a dump that has those of its SystemC macro as SCOPE. A
/// group in front shows the handshakes of both. To be called before the simulation starts.
void add_rtl(TraceFile& file, const std::string& scope, Lockstep& lockstep, RtlDepth depth);

}  // namespace flexcim
