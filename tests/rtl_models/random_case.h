// Random macros and how a layer uses them.
#pragma once

#include "tests/rtl_models/macro_bench.h"

#include <memory>
#include <random>
#include <string>

namespace flexcim {

/// One of all that architecture.md §1, §4, §5 and §6 allow.
struct MacroCase {
  MacroGeometry geometry;
  TileLayout layout;
  int phases = 1;
  WeightUpdate update = WeightUpdate::blocking;
};

MacroCase random_case(std::mt19937& random);
std::string describe(const MacroCase& c);
/// `number` makes its name.
std::unique_ptr<MacroBench> make_bench(const MacroCase& c, int number);

}  // namespace flexcim
