// How a module learns of the rising clock edge.
#pragma once

#include <systemc>

namespace flexcim {

/// A macro has many small modules; one process that calls them all is faster than a process in each. The order of the
/// calls has no effect, because a module reads its signals as they were before the edge.
enum class Edges {
  own,    ///< the module has a process of its own, sensitive to its clock
  parent  ///< the enclosing module has one process, which calls the edge function of every part
};

}  // namespace flexcim
