// A command as it lies in the ring (docs/architecture.md §7): fixed size, little endian, declared once as a list of
// fields.
#pragma once

#include "flow/map/geometry.h"
#include "flow/model/golden.h"
#include "tlm/interface/error_code.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

constexpr std::size_t kDescriptorBytes = 128;
constexpr std::uint32_t kMaxOut = 1u << 20;
constexpr std::uint32_t kMaxIn = kMostGemmInputs;
constexpr std::uint32_t kMaxTokens = 1u << 20;

enum class Opcode : std::uint8_t { nop = 0, gemm = 1 };

constexpr std::uint8_t kFlagInterrupt = 1;  ///< DONE is raised on completion
constexpr std::uint8_t kFlagStop = 2;       ///< an error halts the queue; otherwise the next command follows
constexpr std::uint8_t kFlagInt4 = 8;       ///< the image has int4 weights, two in a cell (docs/architecture.md §14)
constexpr std::uint8_t kFlagStreamWeights = 16;  ///< from memory, also where all other weights are on chip
constexpr std::uint8_t kFlagRequantize = 4;      ///< outputs are int8, scaled per channel by the table at `scales`

/// Y[token][out] = sum over in of X[token][in] * W[out][in].
struct Descriptor {
  std::uint8_t opcode = 0;
  std::uint8_t flags = 0;
  std::uint8_t pattern_n = 0;
  std::uint8_t pattern_m = 0;
  std::uint8_t sequencing = 0;
  std::uint8_t merge = 0;
  std::uint8_t window = 0;
  std::uint32_t tag = 0;
  std::uint32_t out = 0;
  std::uint32_t in = 0;
  std::uint32_t tokens = 0;
  std::uint32_t weights_bytes = 0;
  std::uint32_t activation_stride = 0;
  std::uint64_t weights = 0;
  std::uint64_t activations = 0;
  std::uint64_t outputs = 0;
  std::uint32_t output_stride = 0;
  std::uint64_t scales = 0;

  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
  int output_bytes() const { return has(kFlagRequantize) ? 1 : 4; }  ///< of one output
  int weight_bits() const { return has(kFlagInt4) ? 4 : 8; }
  Pattern pattern() const { return {pattern_n, pattern_m}; }
};

struct DescriptorField {
  std::string name;
  std::uint32_t offset;
  std::uint32_t bytes;
  std::string description;
  std::uint64_t (*get)(const Descriptor&);
  void (*set)(Descriptor&, std::uint64_t);
};

/// All fields by offset. What lies between them is reserved and 0.
const std::vector<DescriptorField>& descriptor_fields();

using DescriptorImage = std::array<std::uint8_t, kDescriptorBytes>;
DescriptorImage encode(const Descriptor& descriptor);
/// Whether all reserved bytes are 0; `descriptor` is set either way.
bool decode(const DescriptorImage& image, Descriptor& descriptor);

/// bad_flags for a flag that there is not, of any command.
ErrorCode check_flags(const Descriptor& descriptor);

/// What is wrong with a gemm command for this macro, apart from what only memory shows; none if nothing. Alignment:
/// weights, activations and outputs 16 bytes, scales 8, output stride that of an output. `layout` is set where the
/// result is none.
ErrorCode validate(const Descriptor& descriptor, const MacroGeometry& geometry, TileLayout& layout);

/// struct with offsets and limits, flags, opcodes, values of fields and error codes as C text for the driver.
std::string descriptor_c_header();
/// The fields as a Markdown table.
std::string descriptor_table();

}  // namespace flexcim
