// A packed linear as the accelerator takes it: place in DRAM, image, command.
#pragma once

#include "flow/pack/packed_linear.h"
#include "platform/config/findings.h"
#include "platform/config/scenario.h"
#include "tlm/interface/descriptor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// The weights as they lie in DRAM, in slots of the nearest pattern that the macro holds (flow/map/nearest_pattern.h).
/// Throws InputError where there is none.
std::vector<std::uint8_t> weight_image(const PackedLinear& linear, const Scenario& scenario);

/// A layer whose command is complete and whose weight image is there.
struct LayerCommand {
  std::string layer;
  const Descriptor* command;
  const std::uint8_t* image;
};

/// Finds what the accelerator would refuse when it comes to the layers: nothing is simulated.
void check_commands(const Scenario& scenario, const std::vector<LayerCommand>& layers, Findings& findings);

/// Throws InputError that says which layer the accelerator refused and why.
[[noreturn]] void refuse_layer(const Scenario& scenario, const std::string& layer, ErrorCode error);

}  // namespace flexcim
