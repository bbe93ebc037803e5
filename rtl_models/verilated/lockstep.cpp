#include "rtl_models/verilated/lockstep.h"

#include "flow/map/schedule.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint32_t kSeed = 1;
constexpr int kResetEdges = 2;

std::uint64_t picoseconds(const sc_core::sc_time& time) {
  return time.value() / sc_core::sc_time(1, sc_core::SC_PS).value();
}

}  // namespace

Lockstep::Lockstep(const sc_core::sc_module_name& name, Macro& macro, const RtlLibrary& library,
                   const sc_core::sc_time& clock_period)
    : sc_module(name),
      macro_(macro),
      instance_(library, kSeed),
      pins_(instance_, library.interface()),
      period_ps_(picoseconds(clock_period)),
      shadow_(library.interface().update == WeightUpdate::shadow) {
  const auto sums = static_cast<std::size_t>(library.interface().most_lanes()) * macro.geometry().cols;
  for (auto& each : sums_) each.resize(sums);
  pins_.set_enable(true);
  pins_.set_reset(true);
  for (int edge = 0; edge < kResetEdges; ++edge) {
    for (const bool high : {false, true}) {
      pins_.set_clock(high);
      instance_.eval();
    }
  }
  SC_HAS_PROCESS(Lockstep);
  SC_METHOD(on_clock);
  sensitive << clock.pos();
  dont_initialize();
}

void Lockstep::on_clock() {
  const std::uint64_t edge_ps = picoseconds(sc_core::sc_time_stamp());
  const std::uint64_t rise_ps = edge_ps - std::min(edge_ps, period_ps_);
  const bool dumped = edge_ps >= period_ps_ && dumps(rise_ps);
  drive();
  if (dumped) {
    instance_.eval();
    instance_.dump(rise_ps);
  }
  pins_.set_clock(false);
  instance_.eval();
  if (dumped) instance_.dump(rise_ps + period_ps_ / 2);
  if (!differs_) compare(rise_ps);
  follow_tiles();
  const bool takes = macro_.reset.read() || (macro_.enable.read() && macro_.psum_final_ready.read());
  const bool held = pins_.final_valid() && !takes;
  flowing_ = takes && macro_.enable.read() ? flowing_ + 1 : 0;
  pins_.set_clock(true);
  instance_.eval();
  publish(held);
  if (!differs_) require_running(edge_ps);
}

void Lockstep::drive() {
  pins_.set_reset(macro_.reset.read());
  pins_.set_enable(macro_.enable.read());
  pins_.set_final_ready(macro_.psum_final_ready.read());
  if (shadow_) pins_.set_swap(macro_.swap->read());
  pins_.drive_load(macro_.load.read());
  pins_.drive_pass(macro_.pass.read(), resident_);
}

void Lockstep::compare(std::uint64_t rise_ps) {
  ++compared_;
  RtlDifference first;
  int count = 0;
  const auto check = [&](std::int64_t model, std::int64_t rtl, const auto& pin) {
    if (model == rtl) return;
    if (count++ > 0) return;
    first.model = model;
    first.rtl = rtl;
    first.pin = pin();
  };
  const auto check_pin = [&](const char* name, std::int64_t model, std::int64_t rtl) {
    check(model, rtl, [name] { return std::string(name); });
  };
  check_pin("load_ready", macro_.load_ready.read(), pins_.load_ready());
  if (shadow_) check_pin("swap_ready", macro_.swap_ready->read(), pins_.swap_ready());
  check_pin("pass_ready", macro_.pass_ready.read(), pins_.pass_ready());
  const PsumFinal& final = macro_.psum_final.read();
  check_pin("final_valid", final.valid, pins_.final_valid());
  if (final.valid && pins_.final_valid()) {
    check_pin("final_lanes", final.lanes, pins_.final_lanes());
    const int cols = macro_.geometry().cols, bits = macro_.geometry().merged_psum_bits();
    for (int i = 0; i < final.lanes * cols; ++i) {
      check(final.sums[i], pins_.final_sum(i), [&] {
        return fmt::format("final_sums[{}:{}], lane {}, column {}", (i + 1) * bits - 1, i * bits, i / cols, i % cols);
      });
    }
  }
  if (count == 0) return;
  differs_ = true;
  first.macro = macro_.name();
  first.cycle = rise_ps / period_ps_;
  first.ps = rise_ps;
  first.more = count - 1;
  const auto latency = static_cast<std::uint64_t>(pipeline_latency(macro_.geometry()));
  if (final.valid && first.pin.rfind("final", 0) == 0 && flowing_ >= latency) first.phase = first.cycle - latency;
  first.inputs = fmt::format("reset {:d}, enable {:d}, load_valid {:d}, pass_valid {:d}, final_ready {:d}",
                             macro_.reset.read(), macro_.enable.read(), macro_.load.read().valid,
                             macro_.pass.read().valid, macro_.psum_final_ready.read());
  if (shadow_) first.inputs += fmt::format(", swap {:d}", macro_.swap->read());
  if (!on_difference_) throw RtlFailure(first.text());
  on_difference_(first);
}

/// Which tile's layout passes have from the next cycle on.
void Lockstep::follow_tiles() {
  if (macro_.reset.read() || !macro_.enable.read()) return;
  if (shadow_ && macro_.swap->read() && macro_.swap_ready->read()) resident_ = loading_;
  const LoadBeat& beat = macro_.load.read();
  if (beat.valid && macro_.load_ready.read()) loading_ = beat.layout;
  if (!shadow_) resident_ = loading_;
}

/// psum_final of the cycle that begins: another version for every result, the same while one is held.
void Lockstep::publish(bool held) {
  const bool valid = pins_.final_valid();
  if (valid ? held : !published_.valid) return;
  published_.valid = valid;
  ++published_.version;
  if (valid) {
    std::vector<std::int32_t>& sums = sums_[published_.version % 2];
    const int cols = macro_.geometry().cols;
    published_.lanes =
        static_cast<std::uint8_t>(std::clamp(pins_.final_lanes(), 1, static_cast<int>(sums.size()) / cols));
    for (int i = 0; i < published_.lanes * cols; ++i) sums[i] = pins_.final_sum(i);
    published_.sums = sums.data();
  }
  psum_final.write(published_);
}

void Lockstep::require_running(std::uint64_t edge_ps) const {
  const char* const failure = instance_.failure();
  if (failure == nullptr) return;
  throw RtlFailure(fmt::format("the RTL has stopped in cycle {} (at {:.3f} ns), macro {}: {}", edge_ps / period_ps_,
                               static_cast<double>(edge_ps) / 1000, macro_.name(), failure));
}

void Lockstep::record(const Dump& dump) {
  if (dump.path != dump_.path) close_dump();
  dump_ = dump;
  recording_ = true;
}

bool Lockstep::dumps(std::uint64_t rise_ps) {
  if (!recording_ || rise_ps < dump_.from_ps || rise_ps > dump_.to_ps) return false;
  if (!dumping_) instance_.open_dump(dump_.path, dump_.levels);
  return dumping_ = true;
}

void Lockstep::close_dump() {
  if (dumping_) instance_.close_dump();
  dumping_ = recording_ = false;
}

}  // namespace flexcim
