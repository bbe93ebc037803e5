#include "rtl_models/verilated/rtl_difference.h"

#include <fmt/format.h>

namespace flexcim {

std::string RtlDifference::text() const {
  std::string text = fmt::format(
      "the RTL and the model differ, first in cycle {} (at {:.3f} ns), macro {}:\n"
      "  pin    {}\n"
      "  model  {}\n"
      "  RTL    {}   ({:+})\n",
      cycle, static_cast<double>(ps) / 1000, macro, pin, model, rtl, rtl - model);
  if (more > 0) text += fmt::format("  and {} other value{} of this cycle\n", more, more == 1 ? "" : "s");
  if (phase > 0) text += fmt::format("  its last phase was on the data lines in cycle {}\n", phase);
  return text + fmt::format("  inputs of this cycle: {}", inputs);
}

}  // namespace flexcim
