#include "rtl_models/verilated/pair_waveform.h"

namespace flexcim {
namespace {

constexpr int kPinLevels = 2;

}  // namespace

void add_rtl(TraceFile& file, const std::string& scope, Lockstep& lockstep, RtlDepth depth) {
  if (file.target() == ".vcd") return;  // nothing will be recorded
  const std::string rtl = "verilog_" + scope;
  const std::string vcd = file.target() + "." + rtl;
  const Lockstep::Dump dump{vcd, depth == RtlDepth::all ? 0 : kPinLevels, file.options().from_ps, file.options().to_ps};
  lockstep.record(dump);
  file.put_beside({vcd, rtl, [&lockstep, dump](bool on) { on ? lockstep.record(dump) : lockstep.stop_recording(); },
                   [&lockstep] { lockstep.close_dump(); }});

  const std::string group = scope + ": model and RTL";
  const auto both = [&](const std::string& model, const std::string& pin) {
    file.show_first({group, "top." + scope + "." + model, 1, Radix::bit});
    file.show_first({group, rtl + "." + pin, 1, Radix::bit});
  };
  both("load_ready", "load_ready");
  if (lockstep.macro().weight_update() == WeightUpdate::shadow) both("swap_ready", "swap_ready");
  both("pass_ready", "pass_ready");
  both("psum_final_valid", "final_valid");
}

}  // namespace flexcim
