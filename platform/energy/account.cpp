#include "platform/energy/account.h"

#include "platform/config/clock_period.h"

#include <fmt/format.h>
#include <stdexcept>
#include <string_view>

namespace flexcim {
namespace {

template <class Count>
void subtract(Count& left, Count part, std::string_view what) {
  if (part > left) throw std::logic_error(fmt::format("a part has {} {}, {} are left", part, what, left));
  left -= part;
}

template <class Counts>
void subtract_all(Counts& left, const Counts& part) {
  for (const auto& count : StatisticList<Counts>::list) subtract(count.at(left), count.of(part), count.name);
}

void subtract(BufferTraffic& left, const BufferTraffic& part, std::string_view what) {
  subtract(left.read_bytes, part.read_bytes, what);
  subtract(left.write_bytes, part.write_bytes, what);
}

void subtract(Activity& left, const Activity& part) {
  subtract_all(left.macro, part.macro);
  subtract(left.idle_macro_cycles, part.idle_macro_cycles, "idle cycles");
  subtract(left.activation_buffer, part.activation_buffer, "bytes of the activation buffer");
  subtract(left.weight_buffer, part.weight_buffer, "bytes of the weight buffer");
  subtract(left.output_buffer, part.output_buffer, "bytes of the output buffer");
  subtract(left.accumulates, part.accumulates, "accumulates");
  subtract(left.requantizations, part.requantizations, "requantizations");
  subtract(left.interconnect_bytes, part.interconnect_bytes, "bytes over the interconnect");
  subtract(left.dram.read_bytes, part.dram.read_bytes, "bytes read from DRAM");
  subtract(left.dram.write_bytes, part.dram.write_bytes, "bytes written to DRAM");
  subtract(left.dram.activates, part.dram.activates, "activates");
  subtract(left.dram.refreshes, part.dram.refreshes, "refreshes");
  subtract(left.host_instructions, part.host_instructions, "instructions of the host");
  if (left.toggles && part.toggles) subtract_all(*left.toggles, *part.toggles);
}

}  // namespace

Account::Account(const EnergyModel& model, const Activity& whole, std::int64_t elapsed_ps)
    : model_(&model), left_(whole), left_ps_(elapsed_ps) {
  model.price_components(whole, nanoseconds(elapsed_ps), model.switching(whole));
}

Account Account::part(const Activity& activity, std::int64_t elapsed_ps) {
  subtract(left_, activity);
  subtract(left_ps_, elapsed_ps, "ps");
  return {*model_, activity, elapsed_ps};
}

EnergyReport Account::rest() const { return model_->price(left_, nanoseconds(left_ps_)); }

}  // namespace flexcim
