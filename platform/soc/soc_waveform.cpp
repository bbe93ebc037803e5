#include "platform/soc/soc_waveform.h"

#include "platform/riscv/hart.h"
#include "tlm/fabric/picoseconds.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

namespace flexcim {
namespace {

const std::string kScope = "soc";
constexpr const char* kRunning = "running";

/// In the VCD names have no spaces.
std::string module_name(std::string label) {
  std::replace(label.begin(), label.end(), ' ', '_');
  return label;
}

}  // namespace

SocWaveform::SocWaveform(const sc_core::sc_module_name& name, TraceFile& file, Soc& soc,
                         std::map<std::uint32_t, std::string> layers)
    : sc_module(name), file_(file), log_(file.changes()), soc_(soc) {
  SC_HAS_PROCESS(SocWaveform);
  SC_METHOD(on_lines);
  for (const InterruptLine& line : soc_.interrupt_lines()) {
    lines_.push_back(file_.add_number({kScope + ".interrupts", line.level.basename(), "Interrupts", 1, Radix::bit}, 0));
    sensitive << line.level.value_changed_event();
  }
  dont_initialize();
  add_host();
  accelerator_ = std::make_unique<AcceleratorSignals>(file, kScope, soc.accelerator(), std::move(layers));
  total_mw_ = file_.add_real({kScope + ".power", "total_mw", "Power", 1, Radix::analog}, 0);
  add_bus();
  dram_ = std::make_unique<DramSignals>(file, kScope + ".dram", soc.dram());
  for (const ComponentInfo& info : kComponentInfos) {
    component_mw_.push_back(file_.add_real(
        {kScope + ".power", fmt::format("{}_mw", info.name), "Power by component", 1, Radix::analog}, 0));
  }
}

void SocWaveform::add_host() {
  const std::string scope = kScope + ".host", group = "Host";
  host_state_ = file_.add_text({scope, "state", group, 1, Radix::text}, kRunning);
  if (soc_.host().processor() != nullptr) host_pc_ = file_.add_number({scope, "pc", group, 64, Radix::hex}, 0);
  soc_.host().add_listener(*this);
}

void SocWaveform::add_bus() {
  const AddressMap& map = soc_.interconnect().address_map();
  for (int target = 0; target < map.size(); ++target) {
    const std::string& label = map[target].label;
    const bool standard = label == "dram" || label == "accelerator";
    targets_.push_back(file_.add_states({kScope + ".bus", module_name(label), "Bus", 1, Radix::text, standard},
                                        {"host", "accelerator", "idle"}));
  }
  soc_.interconnect().set_listener(this);
}

void SocWaveform::on_lines() {
  const auto lines = soc_.interrupt_lines();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const sc_core::sc_signal<bool>& level = lines[i].level;
    if (level.event()) log_.set(lines_[i], now_picoseconds(), std::int64_t{level.read()});
  }
}

void SocWaveform::host_is(const char* state, const sc_core::sc_time& at) {
  log_.set(host_state_, to_picoseconds(at), state);
  if (host_pc_ != ChangeLog::none) {
    log_.set(host_pc_, to_picoseconds(at), std::int64_t{soc_.host().processor()->pc()});
  }
}

void SocWaveform::access_begins(const BusAccess&, const sc_core::sc_time& at) { host_is("accessing", at); }
void SocWaveform::access_ends(const BusAccess&, const sc_core::sc_time& at, tlm::tlm_response_status, bool) {
  host_is(kRunning, at);
}
void SocWaveform::falls_asleep(const sc_core::sc_time& at) { host_is("sleeping", at); }
void SocWaveform::wakes(const sc_core::sc_time& at) { host_is(kRunning, at); }
void SocWaveform::ends(const sc_core::sc_time& at) { host_is("ended", at); }

void SocWaveform::on_grant(std::size_t initiator, std::size_t target, Picoseconds from_ps, Picoseconds to_ps) {
  static_assert(Soc::host_port == 0 && Soc::accelerator_port == 1);  // as the names of the states
  log_.hold(targets_[target], from_ps, to_ps, initiator);
}

void SocWaveform::add_power(const PowerWindow& window) {
  const auto rounded = [](double mw) { return std::round(mw * 1e6) / 1e6; };  // as in power.csv
  const auto set = [&](Signal signal, double mw) {
    log_.set(signal, nanoseconds_as_picoseconds(window.start_ns), rounded(mw));
    log_.set(signal, nanoseconds_as_picoseconds(window.end_ns), 0.0);  // behind the last window
  };
  set(total_mw_, window.total_mw());
  for (std::size_t i = 0; i < kComponents; ++i) set(component_mw_[i], window.power_mw(component_at(i)));
}

}  // namespace flexcim
