// Who calls what a module does at the rising edge.
#pragma once

#include <systemc>

namespace flexcim {

enum class Edges {
  own,    ///< a process of the module, sensitive to its clock
  parent  ///< the enclosing module, from one process for all its parts
};
// Modules read signals only as they stood before the edge, so that the order in which a parent goes through its parts
// has no effect.

}  // namespace flexcim
