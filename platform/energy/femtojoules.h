// Energy as it is accounted for: whole femtojoules, so that sums are exact.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <string>

namespace flexcim {

using Femtojoules = std::int64_t;

/// 1 kJ: of a run at most, so that sums of several are far from the end of the type.
inline constexpr Femtojoules kMostEnergy = 1'000'000'000'000'000'000;

/// Energy in the unit of results; exact to the last of three decimals below 9 J.
inline double picojoules(Femtojoules energy) { return static_cast<double>(energy) / 1000; }

/// "12.345": picojoules with three decimals, exactly. `energy` >= 0.
inline std::string picojoules_text(Femtojoules energy) { return fmt::format("{}.{:03}", energy / 1000, energy % 1000); }

}  // namespace flexcim
