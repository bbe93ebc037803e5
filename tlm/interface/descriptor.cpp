#include "tlm/interface/descriptor.h"

#include "flow/base/error.h"
#include "tlm/interface/register_map.h"

#include <algorithm>
#include <fmt/format.h>
#include <type_traits>

namespace flexcim {

namespace {

template <auto Member>
DescriptorField field(const char* name, std::uint32_t offset, const std::string& description) {
  using Type = std::decay_t<decltype(Descriptor{}.*Member)>;
  return {name,
          offset,
          sizeof(Type),
          description,
          [](const Descriptor& d) { return static_cast<std::uint64_t>(d.*Member); },
          [](Descriptor& d, std::uint64_t value) { d.*Member = static_cast<Type>(value); }};
}

}  // namespace

const std::vector<DescriptorField>& descriptor_fields() {
  static const std::vector<DescriptorField> fields = {
      field<&Descriptor::opcode>("opcode", 0, "0 nop, 1 gemm"),
      field<&Descriptor::flags>(
          "flags", 1,
          "bit 0 interrupt on completion, 1 stop the queue on error, 2 requantize, 3 int4 weights, 4 stream weights"),
      field<&Descriptor::pattern_n>("pattern_n", 2, "N of N:M; dense is 1:1"),
      field<&Descriptor::pattern_m>("pattern_m", 3, "M of N:M"),
      field<&Descriptor::sequencing>("sequencing", 4, sequencing_numbers()),
      field<&Descriptor::merge>("merge", 5, "0 reduce, 1 concat"),
      field<&Descriptor::window>("window", 6, "w that the image was made for: the macro's"),
      field<&Descriptor::tag>("tag", 8, "shown in LAST_TAG when the command has ended"),
      field<&Descriptor::out>("out", 12, fmt::format("output channels, 1..{}", kMaxOut)),
      field<&Descriptor::in>("in", 16, fmt::format("inputs, 1..{}", kMaxIn)),
      field<&Descriptor::tokens>("tokens", 20, fmt::format("rows of activations, 1..{}", kMaxTokens)),
      field<&Descriptor::weights_bytes>("weights_bytes", 24, "size of the weight image"),
      field<&Descriptor::activation_stride>("activation_stride", 28, "bytes between rows of activations"),
      field<&Descriptor::weights>("weights", 32, "address of the weight image, 16-byte aligned"),
      field<&Descriptor::activations>("activations", 40, "address of int8 activations, 16-byte aligned"),
      field<&Descriptor::outputs>("outputs", 48,
                                  "address of outputs, 16-byte aligned: int32, or int8 when requantized"),
      field<&Descriptor::output_stride>("output_stride", 56, "bytes between rows of outputs"),
      field<&Descriptor::scales>("scales", 64,
                                 "address of {int32 mantissa, int32 shift} per output channel, 8-byte aligned"),
  };
  return fields;
}

DescriptorImage encode(const Descriptor& descriptor) {
  DescriptorImage image{};
  for (const DescriptorField& f : descriptor_fields()) {
    const std::uint64_t value = f.get(descriptor);
    for (std::uint32_t i = 0; i < f.bytes; ++i) image[f.offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return image;
}

bool decode(const DescriptorImage& image, Descriptor& descriptor) {
  DescriptorImage reserved = image;
  for (const DescriptorField& f : descriptor_fields()) {
    std::uint64_t value = 0;
    for (std::uint32_t i = 0; i < f.bytes; ++i) {
      value |= static_cast<std::uint64_t>(image[f.offset + i]) << (8 * i);
      reserved[f.offset + i] = 0;
    }
    f.set(descriptor, value);
  }
  return std::all_of(reserved.begin(), reserved.end(), [](std::uint8_t byte) { return byte == 0; });
}

ErrorCode check_flags(const Descriptor& d) {
  constexpr int known = kFlagInterrupt | kFlagStop | kFlagRequantize | kFlagInt4 | kFlagStreamWeights;
  return (d.flags & ~known) == 0 ? ErrorCode::none : ErrorCode::bad_flags;
}

ErrorCode validate(const Descriptor& d, const MacroGeometry& geometry, TileLayout& layout) {
  if (const ErrorCode error = check_flags(d); error != ErrorCode::none) return error;
  if (d.has(kFlagInt4) && geometry.int4_per_cell == 1) return ErrorCode::bad_flags;
  if (d.sequencing >= kSequencings.size()) return ErrorCode::bad_sequencing;
  if (d.merge > static_cast<int>(MergeMode::concat)) return ErrorCode::bad_merge;
  if (d.window != geometry.window) return ErrorCode::bad_window;
  if (d.pattern_n == 0 || d.pattern_m < d.pattern_n || (d.pattern_n == d.pattern_m && d.pattern_m != 1) ||
      !supports(geometry, d.pattern())) {
    return ErrorCode::unsupported_pattern;
  }
  if (d.out == 0 || d.out > kMaxOut || d.in == 0 || d.in > kMaxIn || d.tokens == 0 || d.tokens > kMaxTokens) {
    return ErrorCode::bad_shape;
  }
  const bool scales_aligned = !d.has(kFlagRequantize) || d.scales % 8 == 0;
  if (d.weights % 16 != 0 || d.activations % 16 != 0 || d.outputs % 16 != 0 || !scales_aligned ||
      d.output_stride % d.output_bytes() != 0) {
    return ErrorCode::misaligned;
  }
  if (d.activation_stride < d.in || d.output_stride < static_cast<std::uint64_t>(d.out) * d.output_bytes()) {
    return ErrorCode::bad_stride;
  }
  try {
    layout = make_layout(geometry, d.pattern(), static_cast<Sequencing>(d.sequencing), static_cast<MergeMode>(d.merge),
                         "", d.weight_bits());
  } catch (const InputError&) {
    return ErrorCode::unsupported_pattern;
  }
  return ErrorCode::none;
}

std::string descriptor_c_header() {
  std::string text = fmt::format("#define FLEXCIM_DESCRIPTOR_BYTES {}u\n", kDescriptorBytes);
  for (const DescriptorField& f : descriptor_fields()) {
    text += fmt::format("#define FLEXCIM_DESCRIPTOR_{}_OFFSET {}u\n", upper(f.name), f.offset);
  }
  text += fmt::format("#define FLEXCIM_MAX_OUT {}u\n#define FLEXCIM_MAX_IN {}u\n#define FLEXCIM_MAX_TOKENS {}u\n",
                      kMaxOut, kMaxIn, kMaxTokens);
  text += fmt::format("#define FLEXCIM_OP_NOP {}u\n#define FLEXCIM_OP_GEMM {}u\n", static_cast<int>(Opcode::nop),
                      static_cast<int>(Opcode::gemm));
  text += fmt::format(
      "#define FLEXCIM_FLAG_INTERRUPT {}u\n#define FLEXCIM_FLAG_STOP {}u\n#define FLEXCIM_FLAG_REQUANTIZE {}u\n"
      "#define FLEXCIM_FLAG_INT4 {}u\n#define FLEXCIM_FLAG_STREAM_WEIGHTS {}u\n",
      kFlagInterrupt, kFlagStop, kFlagRequantize, kFlagInt4, kFlagStreamWeights);
  for (const SequencingRules& rules : kSequencings) {
    text += fmt::format("#define FLEXCIM_SEQUENCING_{} {}u\n", upper(rules.name), static_cast<int>(rules.value));
  }
  for (const MergeMode each : {MergeMode::reduce, MergeMode::concat}) {
    text += fmt::format("#define FLEXCIM_MERGE_{} {}u\n", upper(to_string(each)), static_cast<int>(each));
  }
  text += error_c_header();
  text += "struct flexcim_descriptor {\n";
  std::uint32_t at = 0;
  int reserved = 0;
  const auto fill_to = [&](std::uint32_t offset) {
    if (offset > at) text += fmt::format("  uint8_t reserved{}[{}];\n", reserved++, offset - at);
    at = offset;
  };
  for (const DescriptorField& f : descriptor_fields()) {
    fill_to(f.offset);
    text += fmt::format("  uint{}_t {}; /* {} */\n", f.bytes * 8, f.name, f.description);
    at += f.bytes;
  }
  fill_to(kDescriptorBytes);
  return text + "};\n";
}

std::string descriptor_table() {
  std::string text = "| offset | bytes | field | meaning |\n| --- | --- | --- | --- |\n";
  for (const DescriptorField& f : descriptor_fields()) {
    text += fmt::format("| {} | {} | `{}` | {} |\n", f.offset, f.bytes, f.name, f.description);
  }
  return text;
}

}  // namespace flexcim
