// The keys of a scenario.
#pragma once

#include "platform/config/scenario.h"
#include "platform/yaml/yaml_schema.h"

namespace flexcim {

const Schema<Scenario>& scenario_schema();

/// The key at a path like "architecture.window". It is for looking: `scenario` stays as it is. Throws InputError with
/// the nearest key for one that there is not.
KeyPlace scenario_key(const Scenario& scenario, const std::string& path);

}  // namespace flexcim
