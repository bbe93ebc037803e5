#include "platform/config/block_parameters.h"

#include "flow/map/nearest_pattern.h"

namespace flexcim {

AcceleratorParameters accelerator_parameters(const Architecture& architecture) {
  AcceleratorParameters parameters;
  parameters.macro = architecture.macro;
  parameters.array = architecture.macros;
  parameters.weight_update = architecture.weight_update;
  parameters.clock_ps = architecture.clock().ps();
  parameters.activation = architecture.buffers.activation;
  parameters.weight = architecture.buffers.weight;
  parameters.output = architecture.buffers.output;
  parameters.weights_resident = architecture.weights_resident;
  return parameters;
}

InterconnectParameters interconnect_parameters(const Architecture& architecture) {
  InterconnectParameters parameters = architecture.interconnect;
  parameters.clock_ps = architecture.clock().ps();
  return parameters;
}

DramParameters dram_parameters(const Architecture& architecture) {
  DramParameters parameters = architecture.dram.device.timing;
  parameters.name = architecture.dram.device.name;
  parameters.channels = architecture.dram.channels;
  parameters.rl += decode_stages(architecture.dram.protection);
  return parameters;
}

ImageSettings image_settings(const Architecture& architecture, Sequencing sequencing) {
  return {architecture.macro, sequencing, architecture.merge};
}

Descriptor gemm_descriptor(const Architecture& architecture, Sequencing sequencing, Pattern weights, int out, int in,
                           int tokens, int weight_bits) {
  constexpr std::uint32_t kRowAlignment = 16;
  const Pattern pattern = nearest_pattern(architecture.macro, weights);
  Descriptor command;
  command.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  command.flags = kFlagStop;
  if (weight_bits == 4) command.flags |= kFlagInt4;
  command.pattern_n = static_cast<std::uint8_t>(pattern.n);
  command.pattern_m = static_cast<std::uint8_t>(pattern.m);
  command.sequencing = static_cast<std::uint8_t>(sequencing);
  command.merge = static_cast<std::uint8_t>(architecture.merge);
  command.window = static_cast<std::uint8_t>(architecture.macro.window);
  command.out = static_cast<std::uint32_t>(out);
  command.in = static_cast<std::uint32_t>(in);
  command.tokens = static_cast<std::uint32_t>(tokens);
  command.activation_stride = (command.in + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  command.output_stride = command.out * static_cast<std::uint32_t>(command.output_bytes());
  return command;
}

}  // namespace flexcim
