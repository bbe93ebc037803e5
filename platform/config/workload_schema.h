// The keys of the workloads.
#pragma once

#include "platform/config/scenario.h"
#include "platform/yaml/yaml_schema.h"

#include <string>
#include <vector>

namespace flexcim {

const Schema<GemmWorkload>& gemm_schema();
const Schema<BlockWorkload>& block_schema();
const Schema<GenerateWorkload>& generate_schema();
const Schema<FirmwareWorkload>& firmware_schema();
const Schema<ShapesWorkload>& shapes_schema();

/// A map whose `kind` says which of them it is.
YamlType<Workload> workload_type();

/// `all`, or a list of names.
YamlType<std::vector<std::string>> linears_type();

}  // namespace flexcim
