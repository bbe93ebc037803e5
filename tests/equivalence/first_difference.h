// The comparison itself: the same pins into both macros, every output pin of both in every cycle.
#pragma once

#include "rtl_models/verilated/random_driver.h"

#include <fmt/format.h>
#include <string>

namespace flexcim {

/// Resets both and runs `cycles` cycles; says where they first differ, nothing where they do not.
template <typename One, typename Other>
std::string first_difference(One& one, Other& other, RandomDriver& driver, int cycles) {
  MacroInputs reset;
  reset.reset = true;
  one.drive(reset);
  other.drive(reset);
  one.tick();
  other.tick();
  MacroOutputs first, second;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const MacroInputs& inputs = driver.next();
    one.drive(inputs);
    other.drive(inputs);
    one.read(first);
    other.read(second);
    if (!(first == second)) {
      return fmt::format(
          "cycle {}: reset {:d} enable {:d} load_valid {:d} swap {:d} pass_valid {:d} final_ready {:d}\n  {}\n  {}",
          cycle, inputs.reset, inputs.enable, inputs.beat != nullptr, inputs.swap, inputs.activations != nullptr,
          inputs.final_ready, to_string(first), to_string(second));
    }
    driver.taken(first);
    one.tick();
    other.tick();
  }
  return {};
}

}  // namespace flexcim
