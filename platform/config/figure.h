// One figure of a technology, with where it comes from.
#pragma once

#include <string>

namespace flexcim {

/// `value` is in the canonical unit of its key.
struct Figure {
  double value = 0;
  std::string unit;  ///< the canonical one; empty: no figure
  char tag = 'E';    ///< D from the source, S scaled or from a cited model, E engineering estimate, U unverified
  std::string source;

  bool given() const { return !unit.empty(); }
};

}  // namespace flexcim
