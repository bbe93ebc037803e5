#include "rtl_models/verilated/pin_values.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace flexcim {

std::string to_string(const MacroOutputs& outputs) {
  return fmt::format("load_ready {:d} swap_ready {:d} pass_ready {:d} final_valid {:d} lanes {} sums [{}]",
                     outputs.load_ready, outputs.swap_ready, outputs.pass_ready, outputs.final_valid, outputs.lanes,
                     fmt::join(outputs.sums, " "));
}

}  // namespace flexcim
