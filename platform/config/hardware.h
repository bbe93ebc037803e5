// An accelerator in its technology, alone or as a scenario has it.
#pragma once

#include "flow/map/sequencing.h"
#include "platform/config/architecture.h"
#include "platform/config/technology.h"

#include <string>

namespace flexcim {

struct Hardware {
  Architecture architecture;
  Technology technology;
  Sequencing sequencing = Sequencing::grouped;
};

/// `name`: a path to a scenario, of whose keys all but these have to be good and do not count; or an architecture, a
/// name or a path, which then has the technology and the sequencing that a scenario without those keys has. Paths are
/// from the working directory. Throws InputError with everything wrong in what it leads to, or with the names that
/// there are.
Hardware load_hardware(const std::string& name);

}  // namespace flexcim
