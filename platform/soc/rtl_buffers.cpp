#include "platform/soc/rtl_buffers.h"

#include <algorithm>
#include <string>

namespace flexcim {

RtlBuffers::RtlBuffers(const sc_core::sc_module_name& name, const AcceleratorParameters& parameters,
                       RtlMacroEngine& engine)
    : sc_module(name), engine_(engine) {
  parameters.validate();
  add(BufferId::activation, parameters.activation, 1, "activation");
  add(BufferId::weight, parameters.weight, parameters.weight.parts(), "weight");
  add(BufferId::output, parameters.output, parameters.output.parts(), "output");
  engine_.keep_clock([this] { return needs_clock(); });
  SC_HAS_PROCESS(RtlBuffers);
  SC_METHOD(on_clock);
  sensitive << engine.clock().posedge_event();
  dont_initialize();
  SC_METHOD(start_clock);
  sensitive << wanted_;
  dont_initialize();
}

void RtlBuffers::add(BufferId id, const BufferParameters& parameters, int parts, const char* name) {
  first_[static_cast<std::size_t>(id)] = buffers_.size();
  for (int part = 0; part < parts; ++part) {
    const std::string full = parts == 1 ? name : name + ("_" + std::to_string(part));
    const auto count = static_cast<std::uint64_t>(parts);
    buffers_.push_back(std::make_unique<RtlBuffer>(full.c_str(), parameters.bytes / count, parameters,
                                                   parameters.banks / parts, engine_.clock().period()));
    buffers_.back()->clock(engine_.clock());
  }
}

void RtlBuffers::on_access(const BufferAccess& access) {
  buffers_[first_[static_cast<std::size_t>(access.buffer)] + static_cast<std::size_t>(access.part)]->access(access);
  if (needs_clock()) engine_.start_clock();
}

void RtlBuffers::on_abort() {
  for (const auto& buffer : buffers_) buffer->abort();
}

/// Whether it does now; where it will later, it starts the clock then.
bool RtlBuffers::needs_clock() {
  Cycle due = RtlBuffer::kNever;
  for (const auto& buffer : buffers_) due = std::min(due, buffer->due());
  if (due == RtlBuffer::kNever) return false;
  const auto begins = sc_core::sc_time::from_value(due * engine_.clock().period().value());
  const sc_core::sc_time& now = sc_core::sc_time_stamp();
  if (begins > now) wanted_.notify(begins - now);
  return begins <= now;
}

void RtlBuffers::on_clock() { engine_.rest(); }

void RtlBuffers::start_clock() { engine_.start_clock(); }

}  // namespace flexcim
