// Estimates against the loop that moves data and multiplies, which tests/tlm/plain_loop_test.cpp compares with the
// SystemC modules.
#include "tests/platform/default_architecture.h"
#include "tests/platform/estimate/random_gemm.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using namespace flexcim::test;

namespace {

/// Seeds [first, last).
void compare(unsigned first, unsigned last) {
  int ran = 0, equal = 0;
  for (unsigned seed = first; seed < last; ++seed) {
    std::mt19937 random(seed);
    RandomGemm gemm = random_gemm(random);
    draw_weight_bits(random, gemm);
    gemm.architecture.dram.channels = 1 << random() % 3;
    CAPTURE(seed, gemm.shape.out, gemm.shape.in, gemm.shape.tokens, to_string(gemm.shape.pattern), gemm.shape.phases);
    const std::string expected = multiplied(random, gemm);
    CHECK(computed(gemm) == expected);
    if (expected.rfind("cycles", 0) != 0) {
      CHECK_THROWS_AS(estimate_gemm(gemm.architecture, gemm.sequencing, gemm.shape), InputError);
      continue;
    }
    // Of these, small as they are, few have so many tiles that some are left out.
    const GemmEstimate estimate = estimate_gemm(gemm.architecture, gemm.sequencing, gemm.shape);
    ++ran;
    equal += text_of(estimate.cycles, estimate.gemm, estimate.dram) == expected ? 1 : 0;
  }
  const int all = static_cast<int>(last - first);
  CHECK(ran > all * 3 / 4);
  CHECK(equal > ran * 19 / 20);
}

}  // namespace

TEST_CASE("Estimate: random gemms cost what they cost with data, 1") { compare(1, 200); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 2") { compare(200, 400); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 3") { compare(400, 600); }
TEST_CASE("Estimate: random gemms cost what they cost with data, 4") { compare(600, 800); }

TEST_CASE("Estimate: of the sizes of two buffers it takes how many tokens they hold") {
  const GemmShape shape{128, 512, 4096, {2, 4}};
  const auto of = [&](int activations, int outputs) {
    const Architecture architecture = architecture_of(
        fmt::format("{{buffers: {{activation: {{bytes: {}}}, output: {{bytes: {}}}}}}}", activations, outputs));
    const GemmEstimate estimate = estimate_gemm(architecture, Sequencing::grouped, shape);
    return std::make_pair(token_tile(architecture, Sequencing::grouped, shape),
                          text_of(estimate.cycles, estimate.gemm, estimate.dram));
  };
  CHECK(of(128 * 4096, 1 << 20).first == 128);
  CHECK(of(128 * 4096, 1 << 20) == of(1 << 21, 1 << 15));
  CHECK(of(1 << 16, 1 << 15).first == 16);
  CHECK(of(1 << 16, 1 << 15) == of((1 << 16) + 2048, 1 << 16));
  CHECK(of(1 << 16, 1 << 15).second != of(1 << 17, 1 << 15).second);
}

TEST_CASE("Estimate: what cannot run is refused with what would") {
  const Architecture architecture = architecture_of("{buffers: {weight: {bytes: 8192}}}");
  const auto estimate = [&](GemmShape shape) { estimate_gemm(architecture, Sequencing::grouped, shape); };
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(estimate({1, 64, 64, {8, 16}}),
                    Contains("gemm 64 x 64, 8:16, 1 tokens") && Contains("it runs dense, 1:2"));
  CHECK_THROWS_WITH(estimate({0, 64, 64, {2, 4}}), Contains("tokens must be 1 to 1048576, not 0"));
  CHECK_THROWS_WITH(estimate({1, 64, -3, {2, 4}}), Contains("in must be 1 to 131072, not -3"));
  CHECK_THROWS_WITH(estimate({1, 64, 64, {2, 4}, 33}), Contains("phases must be 1 to 32, not 33"));
  CHECK_THROWS_WITH(
      estimate({1, 64, 100000, {2, 4}}),
      Contains("the accelerator refuses the command: " + std::string(description(ErrorCode::activations_do_not_fit))));
  CHECK_THROWS_WITH(estimate({1, 64, 64, {2, 4}}), Contains(std::string(description(ErrorCode::weights_do_not_fit))));
  CHECK_THROWS_WITH(estimate({1, 1 << 20, 65536, {1, 1}}),
                    Contains("bytes of memory, more than the 4 GiB of a command"));
}

// 4 passes through one tile of 32 x 32 x 4 cells at 2:4: 256 inputs, 32 outputs.
TEST_CASE("Estimate: its activity is that of the SoC, by hand") {
  const Architecture architecture = architecture_of("{}");
  const GemmEstimate estimate = estimate_gemm(architecture, Sequencing::grouped, {4, 32, 256, {2, 4}});
  const Activity activity = activity_of(architecture, estimate);
  CHECK(activity.macro.phases == 4);
  CHECK(activity.idle_macro_cycles == estimate.cycles - 4);
  CHECK(activity.activation_buffer.write_bytes == 4 * 256);
  CHECK(activity.output_buffer.write_bytes == 4 * 32 * 4);
  // 4096 weights with a bit of metadata each, and a bit of select for each of 128 rows.
  const std::uint64_t blob = 4096 + 512 + 16;
  CHECK(activity.weight_buffer.write_bytes == blob);
  CHECK(activity.interconnect_bytes == 128 + 16 + blob + 4 * 256 + 4 * 32 * 4);
  CHECK(activity.dram.write_bytes == 4 * 32 * 4);
  CHECK(activity.host_instructions == 0);
}
