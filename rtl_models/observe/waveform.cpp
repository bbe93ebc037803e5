#include "rtl_models/observe/waveform.h"

#include <cstring>

namespace flexcim {

Waveform::Waveform(const sc_core::sc_module_name& name, const std::string& base, TraceOptions options,
                   const sc_core::sc_time& clock_period)
    : sc_module(name),
      file_(base, std::move(options)),
      half_period_(clock_period / 2),
      clock_variable_(file_.declare({"", "clock", "Clock", 1, Radix::bit, true}, VcdVariable::Type::wire)) {
  SC_HAS_PROCESS(Waveform);
  SC_METHOD(sample);
  sensitive << clock.neg();
  dont_initialize();
}

void Waveform::add_port(PortValue value, std::vector<int> variables, std::unique_ptr<Probe> probe) {
  ports_.push_back({value, std::move(variables)});
  probes_.push_back(std::move(probe));
}

void Waveform::end_of_elaboration() {
  std::size_t most = sizeof(TraceRecord) + sizeof(std::uint64_t);
  for (const auto& probe : probes_) most += sizeof(TraceRecord) + probe->bytes();
  spool_ = std::make_unique<TraceSpool>(file_.target(), most);
}

void Waveform::sample() {
  const std::uint64_t per_ps = sc_core::sc_time(1, sc_core::SC_PS).value();
  const std::uint64_t rise = (sc_core::sc_time_stamp().value() - half_period_.value()) / per_ps;
  const TraceOptions& options = file_.options();
  if (!recording_ || rise < options.from_ps || rise > options.to_ps) return;
  unsigned char* at = spool_->begin_append();
  const auto record = [&at](std::uint32_t port, std::uint32_t bytes) {
    const TraceRecord header{port, bytes};
    std::memcpy(at, &header, sizeof header);
    at += sizeof header + bytes;
  };
  std::memcpy(at + sizeof(TraceRecord), &rise, sizeof rise);
  record(TraceRecord::kCycleBegins, sizeof rise);
  const auto ports = static_cast<std::uint32_t>(probes_.size());
  for (std::uint32_t port = 0; port < ports; ++port) {
    const int bytes = probes_[port]->capture(at + sizeof(TraceRecord));
    if (bytes != Probe::kUnchanged) {
      record(port, static_cast<std::uint32_t>(bytes));
    } else if (recorded_.cycles == 0) {
      record(port, 0);
    }
  }
  spool_->end_append(at);
  if (recorded_.cycles++ == 0) recorded_.first_ps = rise;
  recorded_.last_ps = rise;
  if (opens_ || !begins_ || !begins_()) return;
  opens_ = true;
  file_.open_at(rise, 0);
}

void Waveform::require_kept() const {
  if (spool_ != nullptr) spool_->require_kept();
}

ChangeReplay::Written Waveform::close() {
  TraceFile::Cycles cycles;
  if (spool_ != nullptr) cycles.records = spool_->view();
  require_kept();
  cycles.ports = ports_;
  cycles.clock = clock_variable_;
  cycles.half_period = half_period_.value() / sc_core::sc_time(1, sc_core::SC_PS).value();
  return file_.write(&cycles);
}

}  // namespace flexcim
