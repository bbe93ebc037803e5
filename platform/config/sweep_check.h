// What no single key of a sweep shows.
#pragma once

#include "platform/config/scenario.h"

namespace flexcim {

/// `scenario` has a sweep. Notes axes that are called alike or change what another one has changed; more points than
/// there are; constraints that are no expressions over keys of the scenario; a comparison beside it.
void check_sweep(YamlReader& reader, const Scenario& scenario);

/// Throws InputError that names every axis with a key that there is not, or a value that its key cannot have, in the
/// scenario as it is. Apart from check_sweep(), since results keep the scenario in a folder in which not all files that
/// values name are found.
void check_axis_values(const Scenario& scenario);

}  // namespace flexcim
