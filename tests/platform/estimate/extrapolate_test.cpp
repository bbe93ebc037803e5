// Counts of many parts from those of few, and how far off real layers are by it.
#include "platform/estimate/extrapolate.h"

#include "platform/estimate/gemm_estimate.h"
#include "tests/platform/default_architecture.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace flexcim;

namespace {

/// 1000 cycles at the beginning and the end, `part` for each part, and 7 loads.
CommandCounts counted(int parts, Cycle part, std::vector<int>& asked) {
  asked.push_back(parts);
  CommandCounts counts;
  counts.cycles = 1000 + static_cast<Cycle>(parts) * part;
  counts.gemm.loads = static_cast<std::uint64_t>(parts) * 7;
  return counts;
}

}  // namespace

TEST_CASE("Extrapolation: equal parts add up, from as few as are long enough") {
  std::vector<int> asked;
  // Parts of 10 cycles, of which 10 are enough: 3 and the next, then those 10.
  CommandCounts counts = extrapolate(500, 3, 100, [&](int n) { return counted(n, 10, asked); });
  CHECK(counts.cycles == 1000 + 500 * 10);
  CHECK(counts.gemm.loads == 500 * 7);
  CHECK(asked == std::vector<int>{3, 4, 14});
  // One part is enough.
  asked.clear();
  counts = extrapolate(500, 3, 100, [&](int n) { return counted(n, 100, asked); });
  CHECK(counts.cycles == 1000 + 500 * 100);
  CHECK(asked == std::vector<int>{3, 4});
}

TEST_CASE("Extrapolation: few parts are run whole") {
  std::vector<int> asked;
  CHECK(extrapolate(4, 3, 100, [&](int n) { return counted(n, 10, asked); }).cycles == 1040);
  CHECK(asked == std::vector<int>{4});
  asked.clear();
  // 14 parts would be no fewer.
  CHECK(extrapolate(14, 3, 100, [&](int n) { return counted(n, 10, asked); }).cycles == 1140);
  CHECK(asked.back() == 14);
  CHECK(extrapolate(0, 1, 100, [&](int n) { return counted(n, 10, asked); }).cycles == 1000);
}

// bench/estimate.cpp measures 384 cases.
TEST_CASE("Estimate: layers of real models are as long as whole ones, or nearly") {
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
        errors.push_back(std::abs(static_cast<double>(estimate.cycles) / static_cast<double>(whole.cycles) - 1));
        CHECK(errors.back() <= 0.05);
      }
    }
  }
  std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2), errors.end());
  CHECK(errors[errors.size() / 2] <= 0.01);
}
