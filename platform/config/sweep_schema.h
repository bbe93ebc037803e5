// The keys of `sweep` (docs/sweeps.md).
#pragma once

#include "platform/config/sweep_spec.h"
#include "platform/yaml/yaml_schema.h"

namespace flexcim {

YamlType<SweepSpec> sweep_type();

}  // namespace flexcim
