#include "tlm/interface/descriptor.h"

#include "tlm/interface/registers.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

Descriptor good() {
  Descriptor d;
  d.opcode = 1;
  d.pattern_n = 2;
  d.pattern_m = 4;
  d.window = 1;
  d.out = 40;
  d.in = 300;
  d.tokens = 7;
  d.weights = 0x1000;
  d.weights_bytes = 4096;
  d.activations = 0x2000;
  d.activation_stride = 300;
  d.outputs = 0x3000;
  d.output_stride = 160;
  return d;
}

ErrorCode check(const Descriptor& d) {
  TileLayout layout;
  return validate(d, MacroGeometry{}, layout);
}

}  // namespace

TEST_CASE("Descriptor: fields are aligned, do not overlap and fit") {
  std::uint32_t end = 0;
  for (const DescriptorField& field : descriptor_fields()) {
    INFO(field.name);
    CHECK(field.offset >= end);
    CHECK(field.offset % field.bytes == 0);
    end = field.offset + field.bytes;
  }
  CHECK(end <= kDescriptorBytes);
}

TEST_CASE("Descriptor: encoding is little endian and reversible, reserved bytes are noticed") {
  Descriptor d = good();
  d.tag = 0x01020304;
  d.scales = 0x1122334455667788;
  DescriptorImage image = encode(d);
  CHECK(image[8] == 4);
  CHECK(image[11] == 1);
  Descriptor back;
  CHECK(decode(image, back));
  for (const DescriptorField& field : descriptor_fields()) CHECK(field.get(back) == field.get(d));
  image[7] = 1;
  CHECK_FALSE(decode(image, back));
  image[7] = 0;
  image[127] = 1;
  CHECK_FALSE(decode(image, back));
}

TEST_CASE("Descriptor: every bad field has its code") {
  CHECK(check(good()) == ErrorCode::none);
  const struct {
    void (*spoil)(Descriptor&);
    ErrorCode code;
  } cases[] = {
      {[](Descriptor& d) { d.flags = 32; }, ErrorCode::bad_flags},
      {[](Descriptor& d) { d.flags = kFlagInt4; }, ErrorCode::bad_flags},  // of a macro with an int4 weight in a cell
      {[](Descriptor& d) { d.sequencing = static_cast<std::uint8_t>(kSequencings.size()); }, ErrorCode::bad_sequencing},
      {[](Descriptor& d) { d.merge = 2; }, ErrorCode::bad_merge},
      {[](Descriptor& d) { d.window = 2; }, ErrorCode::bad_window},
      {[](Descriptor& d) { d.pattern_n = 0; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.pattern_m = 0; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.pattern_n = 5, d.pattern_m = 8; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.pattern_m = 16; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.pattern_m = 5; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.pattern_n = d.pattern_m = 4; }, ErrorCode::unsupported_pattern},
      {[](Descriptor& d) { d.out = 0; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.out = kMaxOut + 1; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.in = 0; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.in = kMaxIn + 1; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.tokens = 0; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.tokens = kMaxTokens + 1; }, ErrorCode::bad_shape},
      {[](Descriptor& d) { d.weights += 8; }, ErrorCode::misaligned},
      {[](Descriptor& d) { d.activations += 1; }, ErrorCode::misaligned},
      {[](Descriptor& d) { d.outputs += 4; }, ErrorCode::misaligned},
      {[](Descriptor& d) { d.output_stride += 2; }, ErrorCode::misaligned},
      {[](Descriptor& d) { d.flags = kFlagRequantize, d.scales = 4; }, ErrorCode::misaligned},
      {[](Descriptor& d) { d.activation_stride = 299; }, ErrorCode::bad_stride},
      {[](Descriptor& d) { d.output_stride = 156; }, ErrorCode::bad_stride},
      {[](Descriptor& d) { d.flags = kFlagRequantize, d.output_stride = 39; }, ErrorCode::bad_stride},
  };
  int number = 0;
  for (const auto& test : cases) {
    CAPTURE(number++);
    Descriptor d = good();
    test.spoil(d);
    CHECK(to_string(check(d)) == to_string(test.code));
  }
}

TEST_CASE("Descriptor: C header and tables come from the list of fields") {
  const std::string header = descriptor_c_header();
  CHECK(header.find("uint64_t weights; /* address of the weight image, 16-byte aligned */") != std::string::npos);
  CHECK(header.find("uint8_t reserved0[1];") != std::string::npos);
  CHECK(header.find("#define FLEXCIM_ERROR_IMAGE_WEIGHT 16") != std::string::npos);
  CHECK(descriptor_table().find("| 8 | 4 | `tag` |") != std::string::npos);
  CHECK(error_table().find("| 1 | `BAD_OPCODE` |") != std::string::npos);
}

TEST_CASE("Error codes are numbered in order") {
  std::uint32_t number = 0;
  for (const ErrorInfo& info : kErrorCodes) CHECK(static_cast<std::uint32_t>(info.code) == number++);
}

TEST_CASE("Accelerator registers: the declaration is free of contradictions") { accelerator_registers::map().check(); }
