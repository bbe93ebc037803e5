// What a random macro is wired for.
#pragma once

#include "flow/map/geometry.h"

#include <random>
#include <vector>

namespace flexcim::test {

/// Two times out of three all patterns, otherwise dense and up to three others within reach.
inline std::vector<Pattern> random_patterns(std::mt19937& random, int sub_macros, int pairs_per_set) {
  if (random() % 3 != 0) return {};
  const std::vector<Pattern> reachable = reachable_patterns(sub_macros, pairs_per_set);
  std::vector<Pattern> patterns{Pattern{}};
  for (auto others = random() % 4; others > 0; --others) patterns.push_back(reachable[random() % reachable.size()]);
  return patterns;
}

/// "dense 2:4", or "all".
inline std::string patterns_text(const MacroGeometry& geometry) {
  std::string text;
  for (const Pattern each : geometry.patterns) text += (text.empty() ? "" : " ") + to_string(each);
  return text.empty() ? "all" : text;
}

}  // namespace flexcim::test
