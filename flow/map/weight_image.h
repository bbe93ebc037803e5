// Weights as an architecture has them in DRAM.
#pragma once

#include "flow/map/geometry.h"
#include "flow/pack/packed_linear.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// All of an architecture that an image depends on.
struct ImageSettings {
  MacroGeometry macro;
  Sequencing sequencing = Sequencing::grouped;
  MergeMode merge = MergeMode::reduce;
};

/// The image (flow/map/image.h) of a linear, in slots of the nearest pattern that the macro holds
/// (flow/map/nearest_pattern.h). Throws InputError naming the linear where there is none, and where it is longer than
/// the 4 GiB of a command.
std::vector<std::uint8_t> weight_image(const ImageSettings& settings, const PackedLinear& linear);

/// The hash of what the image of a linear is made from: its entries and their shape, and the settings.
std::uint64_t image_source_hash(const ImageSettings& settings, const PackedLinear& linear);

}  // namespace flexcim
