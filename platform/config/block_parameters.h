// What the models of the blocks are made of, from an architecture: every fidelity takes it from here.
#pragma once

#include "flow/map/weight_image.h"
#include "platform/config/architecture.h"
#include "tlm/interface/descriptor.h"
#include "tlm/timing/dram_timing.h"

namespace flexcim {

AcceleratorParameters accelerator_parameters(const Architecture& architecture);
InterconnectParameters interconnect_parameters(const Architecture& architecture);
DramParameters dram_parameters(const Architecture& architecture);
/// What the images of weights depend on.
ImageSettings image_settings(const Architecture& architecture, Sequencing sequencing);

/// The gemm command of a layer, out x in, for `tokens` rows of int8 activations, each from a multiple of 16 bytes on,
/// and int32 outputs: complete but for the addresses, the size of the image and the tag. `weights`: their pattern; the
/// command has the nearest one that the macro holds. `weight_bits`: 4 or 8. An error stops the queue.
Descriptor gemm_descriptor(const Architecture& architecture, Sequencing sequencing, Pattern weights, int out, int in,
                           int tokens, int weight_bits);

}  // namespace flexcim
