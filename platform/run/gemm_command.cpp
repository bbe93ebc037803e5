#include "platform/run/gemm_command.h"

#include "flow/error.h"
#include "flow/map/image.h"
#include "platform/soc/memory_map.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kRowAlignment = 16;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t to) { return (value + to - 1) / to * to; }

}  // namespace

DramAllocator::DramAllocator() : next_(memory_map::dram) {}

std::uint64_t DramAllocator::take(std::uint64_t bytes) {
  const std::uint64_t address = next_;
  next_ += rounded_up(bytes, kPage);
  return address;
}

std::uint64_t DramAllocator::used() const { return next_ - memory_map::dram; }

std::vector<std::uint8_t> weight_image(const PackedLinear& linear, const Scenario& scenario) {
  const TileLayout layout = make_layout(scenario.architecture.macro, linear.pattern, scenario.sequencing,
                                        scenario.architecture.merge, linear.name);
  return encode_image(scenario.architecture.macro, layout, linear);
}

Descriptor gemm_command(const PackedLinear& linear, int tokens, const Scenario& scenario) {
  Descriptor command;
  command.opcode = static_cast<std::uint8_t>(Opcode::gemm);
  command.flags = kFlagStop;
  command.pattern_n = static_cast<std::uint8_t>(linear.pattern.n);
  command.pattern_m = static_cast<std::uint8_t>(linear.pattern.m);
  command.sequencing = static_cast<std::uint8_t>(scenario.sequencing);
  command.merge = static_cast<std::uint8_t>(scenario.architecture.merge);
  command.window = static_cast<std::uint8_t>(scenario.architecture.macro.window);
  command.out = static_cast<std::uint32_t>(linear.out);
  command.in = static_cast<std::uint32_t>(linear.in);
  command.tokens = static_cast<std::uint32_t>(tokens);
  command.activation_stride = static_cast<std::uint32_t>(rounded_up(command.in, kRowAlignment));
  command.output_stride = command.out * static_cast<std::uint32_t>(command.output_bytes());
  return command;
}

void refuse_layer(const Scenario& scenario, const std::string& layer, ErrorCode error) {
  throw InputError(fmt::format("{}: layer {}: the accelerator refuses the command: {}", scenario.file.string(), layer,
                               error_codes().at(static_cast<std::size_t>(error)).description));
}

}  // namespace flexcim
