// A simulation that could not come to its end.
#pragma once

#include <stdexcept>

namespace flexcim {

/// what() says who waits for what. The command line exits with 3.
class SimulationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace flexcim
