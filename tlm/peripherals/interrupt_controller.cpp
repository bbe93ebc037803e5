#include "tlm/peripherals/interrupt_controller.h"

#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {

namespace {

std::uint32_t bit(std::uint32_t id) { return std::uint32_t{1} << id; }

int checked(int sources) {
  if (sources < 1 || sources > InterruptController::max_sources) {
    throw std::invalid_argument(
        fmt::format("interrupt controller: {} sources are not 1..{}", sources, InterruptController::max_sources));
  }
  return sources;
}

}  // namespace

InterruptController::InterruptController(const sc_core::sc_module_name& name, int source_count)
    : sc_module(name),
      sources("source", static_cast<std::size_t>(checked(source_count))),
      registers_(register_map(source_count)) {
  socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);

  const auto changed = [this](std::uint32_t) { changed_.notify(sc_core::SC_ZERO_TIME); };
  for (int id = 1; id <= source_count; ++id) registers_.on_write(priority(id), changed);
  registers_.on_write(enable, changed);
  registers_.on_write(threshold, changed);
  // Claims do not heed the threshold (PLIC 1.0, interrupt claim process).
  registers_.on_read(claim, [this] { return best(0); });
  registers_.after_read(claim, [this] { take(); });
  registers_.on_write(claim, [this](std::uint32_t id) { complete(id); });

  SC_HAS_PROCESS(InterruptController);
  SC_METHOD(update);
  sensitive << changed_;
  for (auto& source : sources) sensitive << source;
}

void InterruptController::reset() {
  registers_.reset();
  in_service_ = 0;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

std::uint32_t InterruptController::best(std::uint32_t above) const {
  const std::uint32_t candidates = registers_.get(pending) & registers_.get(enable);
  std::uint32_t found = 0;
  for (std::uint32_t id = 1; id <= sources.size(); ++id) {
    const std::uint32_t its_priority = registers_.get(priority(static_cast<int>(id)));
    if ((candidates & bit(id)) != 0 && its_priority > above) {
      found = id;
      above = its_priority;
    }
  }
  return found;
}

void InterruptController::take() {
  const std::uint32_t id = best(0);
  if (id == 0) return;
  registers_.set(pending, registers_.get(pending) & ~bit(id));
  in_service_ |= bit(id);
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void InterruptController::complete(std::uint32_t id) {
  // A completion of what is not enabled or not claimed is ignored (PLIC 1.0, interrupt completion).
  if (id > sources.size() || (in_service_ & registers_.get(enable) & bit(id)) == 0) return;
  in_service_ &= ~bit(id);
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void InterruptController::update() {
  for (std::uint32_t id = 1; id <= sources.size(); ++id) {
    if (sources[id - 1].read() && (in_service_ & bit(id)) == 0) registers_.set_bits(pending, bit(id));
  }
  interrupt.write(best(registers_.get(threshold)) != 0);
}

}  // namespace flexcim
