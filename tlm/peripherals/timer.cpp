#include "tlm/peripherals/timer.h"

#include <stdexcept>

namespace flexcim {

Timer::Timer(const sc_core::sc_module_name& name, const sc_core::sc_time& tick)
    : sc_module(name), registers_(register_map()), tick_(tick) {
  if (tick_ == sc_core::SC_ZERO_TIME) throw std::invalid_argument("timer: the tick has no length");
  socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);

  const auto changed = [this](std::uint32_t) { update_.notify(sc_core::SC_ZERO_TIME); };
  registers_.on_write(msip, changed);
  registers_.on_write(mtimecmp, changed);
  registers_.on_write(mtimecmp_high, changed);
  registers_.on_read(mtime, [this] { return static_cast<std::uint32_t>(now()); });
  registers_.on_read(mtime_high, [this] { return static_cast<std::uint32_t>(now() >> 32); });
  registers_.on_write(mtime, [this](std::uint32_t value) { set_half(value, 0); });
  registers_.on_write(mtime_high, [this](std::uint32_t value) { set_half(value, 32); });

  SC_HAS_PROCESS(Timer);
  SC_METHOD(drive_interrupts);
  sensitive << update_;
}

void Timer::reset() {
  registers_.reset();
  update_.notify(sc_core::SC_ZERO_TIME);
}

void Timer::set_half(std::uint32_t value, int shift) {
  const std::uint64_t kept = now() & ~(std::uint64_t{0xFFFFFFFF} << shift);
  offset_ = (kept | std::uint64_t{value} << shift) - elapsed();
  update_.notify(sc_core::SC_ZERO_TIME);
}

void Timer::drive_interrupts() {
  software_interrupt.write(registers_.get(msip) != 0);
  const std::uint64_t compare = std::uint64_t{registers_.get(mtimecmp_high)} << 32 | registers_.get(mtimecmp);
  const bool due = now() >= compare;
  interrupt.write(due);

  // The level changes next when mtime reaches the compare value, or falls below it by wrapping. Ticks that lie beyond
  // the end of simulated time never come.
  const std::uint64_t ticks = (due ? 0 : compare) - now();
  const std::uint64_t last = UINT64_MAX / tick_.value();
  if (ticks == 0 || ticks > last - elapsed()) return;
  update_.notify(sc_core::sc_time::from_value((elapsed() + ticks) * tick_.value()) - sc_core::sc_time_stamp());
}

}  // namespace flexcim
