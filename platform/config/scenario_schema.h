// The keys of a scenario.
#pragma once

#include "platform/config/scenario.h"
#include "platform/yaml/yaml_schema.h"

namespace flexcim {

const Schema<Scenario>& scenario_schema();

}  // namespace flexcim
