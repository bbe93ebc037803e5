// Estimates that leave steps out against the whole loop nest: equal where memory does not contend, close elsewhere.
#include "tests/platform/default_architecture.h"
#include "tests/platform/estimate/random_gemm.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;
using namespace flexcim::test;

namespace {

/// Rows enough that some are left out, buffers for all tokens, and a slow clock, so that most memories keep up.
RandomGemm long_gemm(std::mt19937& random) {
  RandomGemm gemm = random_gemm(random);
  Architecture& a = gemm.architecture;
  a.buffers.activation.bytes = a.buffers.output.bytes = 1 << 20;
  a.buffers.weight.bytes = 1 << 19;
  a.clock_mhz = random() % 2 == 0 ? 125 : 250;
  gemm.shape.out = 500 + static_cast<int>(random() % 3000);
  gemm.shape.tokens = 20 + static_cast<int>(random() % 100);
  draw_weight_bits(random, gemm);
  return gemm;
}

double difference(std::uint64_t estimate, std::uint64_t whole) {
  return std::abs(static_cast<double>(estimate) / static_cast<double>(whole) - 1);
}

/// Of `most` random gemms the first 85 whose macros never wait for memory, neither in the whole nor in the estimate
/// (GemmEstimate::waited). Where only one of the two waits, it is for a moment.
void compare(unsigned first_seed, int most) {
  int ran = 0;
  for (unsigned seed = first_seed; most > 0 && ran < 85; ++seed, --most) {
    std::mt19937 random(seed);
    const RandomGemm gemm = long_gemm(random);
    CAPTURE(seed, gemm.shape.out, gemm.shape.in, gemm.shape.tokens, to_string(gemm.shape.pattern), gemm.shape.phases);
    const GemmEstimate estimate = estimate_gemm(gemm.architecture, gemm.sequencing, gemm.shape);
    GemmEstimate whole = whole_gemm(gemm.architecture, gemm.sequencing, gemm.shape);
    if (estimate.waited != 0 && whole.waited != 0) continue;
    CHECK(difference(estimate.cycles, whole.cycles) <= 0.004);
    if (estimate.waited != whole.waited) continue;
    ++ran;
    // Rows that the DRAM opens, and whole bursts around what is transferred, depend on where rows of tiles begin.
    CHECK(difference(estimate.dram.activates, whole.dram.activates) <= 0.25);
    CHECK(difference(estimate.dram.read_bytes, whole.dram.read_bytes) <= 0.002);
    CHECK(difference(estimate.dram.write_bytes, whole.dram.write_bytes) <= 0.002);
    whole.dram.activates = estimate.dram.activates;
    whole.dram.read_bytes = estimate.dram.read_bytes;
    whole.dram.write_bytes = estimate.dram.write_bytes;
    CHECK(estimate.interconnect_bytes == whole.interconnect_bytes);
    CHECK(text_of(estimate.cycles, estimate.gemm, estimate.dram) == text_of(whole.cycles, whole.gemm, whole.dram));
  }
  CHECK(ran == 85);
}

}  // namespace

TEST_CASE("Like steps: equal where memory does not contend, 1") { compare(10000, 700); }
TEST_CASE("Like steps: equal where memory does not contend, 2") { compare(20000, 700); }
TEST_CASE("Like steps: equal where memory does not contend, 3") { compare(30000, 700); }
TEST_CASE("Like steps: equal where memory does not contend, 4") { compare(40000, 700); }
TEST_CASE("Like steps: equal where memory does not contend, 5") { compare(50000, 700); }
TEST_CASE("Like steps: equal where memory does not contend, 6") { compare(60000, 700); }

// bench/estimate.cpp measures 384 cases.
TEST_CASE("Like steps: layers of real models are as long as whole ones, or nearly") {
  struct Layer {
    int out, in;
  };
  std::vector<double> errors;
  for (const char* const keys :
       {"{}", "{weights_resident: true, weight_update: shadow}",
        "{macros: {outputs: 2, inputs: 2}, dram: {standard: hbm2}, buffers: {activation: {bytes: 1048576}}}"}) {
    const Architecture architecture = architecture_of(keys);
    for (const Layer layer : {Layer{4096, 4096}, Layer{11008, 2048}, Layer{2048, 11008}, Layer{16384, 1024}}) {
      for (const int tokens : {100, 1}) {
        CAPTURE(keys, layer.out, layer.in, tokens);
        const GemmShape shape{tokens, layer.out, layer.in, {4, 8}};
        const GemmEstimate estimate = estimate_gemm(architecture, Sequencing::grouped, shape);
        const GemmEstimate whole = whole_gemm(architecture, Sequencing::grouped, shape);
        CHECK(estimate.gemm.events == whole.gemm.events);
        CHECK(estimate.gemm.tiles == whole.gemm.tiles);
        CHECK(estimate.gemm.phases == whole.gemm.phases);
        CHECK(estimate.gemm.loads == whole.gemm.loads);
        CHECK(estimate.gemm.compute_cycles == whole.gemm.compute_cycles);
        CHECK(estimate.interconnect_bytes == whole.interconnect_bytes);
        errors.push_back(difference(estimate.cycles, whole.cycles));
        CHECK(errors.back() <= 0.05);
      }
    }
  }
  std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2), errors.end());
  CHECK(errors[errors.size() / 2] <= 0.01);
}
