// `faults:` of a scenario (docs/faults.md).
#pragma once

#include "platform/config/architecture.h"
#include "platform/yaml/yaml_schema.h"
#include "tlm/faults/fault_parameters.h"

namespace flexcim {

const Schema<FaultParameters>& faults_schema();

/// Notes at `faults` what the schema does not see: targets that name nothing in the architecture, bits that their words
/// have not got.
void check_faults(YamlReader& reader, const FaultParameters& faults, const Architecture& architecture);

}  // namespace flexcim
