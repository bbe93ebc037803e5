#include "platform/energy/activity.h"

namespace flexcim {
namespace {

void add(BufferTraffic& sum, const BufferTraffic& more) {
  sum.read_bytes += more.read_bytes;
  sum.write_bytes += more.write_bytes;
}

void add(DramTraffic& sum, const DramTraffic& more) {
  sum.read_bytes += more.read_bytes;
  sum.write_bytes += more.write_bytes;
  sum.activates += more.activates;
  sum.refreshes += more.refreshes;
}

}  // namespace

Activity& Activity::operator+=(const Activity& other) {
  macro += other.macro;
  idle_macro_cycles += other.idle_macro_cycles;
  add(activation_buffer, other.activation_buffer);
  add(weight_buffer, other.weight_buffer);
  add(output_buffer, other.output_buffer);
  accumulates += other.accumulates;
  requantizations += other.requantizations;
  interconnect_bytes += other.interconnect_bytes;
  add(dram, other.dram);
  host_instructions += other.host_instructions;
  if (other.toggles) toggles = toggles.value_or(MacroToggles{}) += *other.toggles;
  return *this;
}

}  // namespace flexcim
