// How long a run may take.
#pragma once

namespace flexcim {

struct Limits {
  double simulated_ms = 10000;
  double wall_s = 3600;
};

}  // namespace flexcim
