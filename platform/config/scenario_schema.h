// The keys of a scenario.
#pragma once

#include "platform/config/scenario.h"
#include "platform/config/yaml_schema.h"

namespace flexcim {

const Schema<Scenario>& scenario_schema();
const Schema<GemmWorkload>& gemm_schema();
const Schema<BlockWorkload>& block_schema();

}  // namespace flexcim
