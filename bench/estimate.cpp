// Estimates: design points per second of processor time, one thread, where a point is an architecture and all linears
// of Llama-2-7B; what a whole loop nest takes; and how far off the cycles are where tiles are left out, over linears of
// five models and six accelerators. Compared with the loop nest run whole, which has the cycles of tlm to the last one
// (tests/platform/estimate/).
#include "platform/estimate/gemm_estimate.h"
#include "tests/platform/default_architecture.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim {
namespace {

constexpr int kPromptTokens = 128;

struct Linear {
  int out, in, times;
};
/// Of all 32 blocks: q, k, v, o; gate, up; down.
constexpr Linear kLlama2[] = {{4096, 4096, 128}, {11008, 4096, 64}, {4096, 11008, 32}};
/// Of Llama-2-7B, Llama-3-8B, OPT-6.7B, Qwen2.5-3B and Mamba-2.8B, each once.
constexpr Linear kLinears[] = {{4096, 4096, 1},  {11008, 4096, 1}, {4096, 11008, 1}, {1024, 4096, 1},
                               {14336, 4096, 1}, {4096, 14336, 1}, {16384, 4096, 1}, {4096, 16384, 1},
                               {2048, 2048, 1},  {256, 2048, 1},   {11008, 2048, 1}, {2048, 11008, 1},
                               {10240, 2560, 1}, {2560, 5120, 1},  {192, 5120, 1},   {5120, 160, 1}};

/// Buffers for a layer of 128 tokens, and for two of the largest tiles of `macros` macros in a row.
std::string roomy(int macros) {
  return fmt::format(
      "buffers: {{activation: {{bytes: 2097152, port_bytes: {}}}, weight: {{bytes: {}}}, output: {{bytes: {}}}}}",
      1024 * macros, (1 << 20) * macros, (256 << 10) * macros);
}

struct Named {
  const char* name;
  std::string keys;
};
const std::vector<Named>& accelerators() {
  static const std::vector<Named> all{
      {"published, LPDDR4", "{}"},
      {"roomy buffers, LPDDR4", "{" + roomy(1) + "}"},
      {"published, weights resident", "{weights_resident: true}"},
      {"4x4 macros, shadow, LPDDR5",
       "{macros: {outputs: 4, inputs: 4}, weight_update: shadow, dram: {standard: lpddr5}, " + roomy(4) + "}"},
      {"2x2 macros, DDR4", "{macros: {outputs: 2, inputs: 2}, dram: {standard: ddr4}, " + roomy(2) + "}"},
      {"2x1 macros, window 2, HBM2",
       "{macros: {outputs: 2, inputs: 1}, window: 2, dram: {standard: hbm2}, " + roomy(2) + "}"},
  };
  return all;
}

/// Processor time of this process.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The value below which a part `q` of all lies.
double quantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

void print_errors(const char* name, const std::vector<double>& errors) {
  fmt::print("{:<30} {:>6} {:>9.3f} {:>9.3f} {:>9.3f}\n", name, errors.size(), quantile(errors, 0.5),
             quantile(errors, 0.9), quantile(errors, 1));
}

std::vector<double> measure_errors() {
  fmt::print("cycles of a linear against the whole loop nest, difference in per cent\n{:<30} {:>6} {:>9} {:>9} {:>9}\n",
             "", "cases", "median", "9 of 10", "most");
  std::vector<double> all;
  for (const Named& each : accelerators()) {
    const Architecture architecture = architecture_of(each.keys);
    std::vector<double> errors;
    for (const Linear& linear : kLinears) {
      for (const int tokens : {kPromptTokens, 1}) {
        for (const Pattern pattern : {Pattern{2, 4}, Pattern{4, 8}}) {
          const GemmShape shape{tokens, linear.out, linear.in, pattern};
          const auto exact = static_cast<double>(whole_gemm(architecture, Sequencing::grouped, shape).cycles);
          const auto cycles = static_cast<double>(estimate_gemm(architecture, Sequencing::grouped, shape).cycles);
          errors.push_back(100 * std::abs(cycles / exact - 1));
        }
      }
    }
    print_errors(each.name, errors);
    all.insert(all.end(), errors.begin(), errors.end());
  }
  print_errors("all", all);
  return all;
}

/// Designs: sub-macros x arrays x windows x buffers x memories.
std::vector<Architecture> designs() {
  std::vector<Architecture> all;
  for (const int sub_macros : {4, 8}) {
    for (const int side : {1, 2, 4}) {
      for (const int window : {1, 2}) {
        for (const char* const dram : {"lpddr4", "lpddr5", "hbm2"}) {
          const std::string keys =
              fmt::format("sub_macros: {}, macros: {{outputs: {}, inputs: {}}}, window: {}, dram: {{standard: {}}}",
                          sub_macros, side, side, window, dram);
          all.push_back(architecture_of("{" + keys + ", " + roomy(side) + "}"));
          if (side == 1) all.push_back(architecture_of("{" + keys + "}"));
        }
      }
    }
  }
  return all;
}

double points_per_second(const std::vector<Architecture>& points, int tokens, const char* name) {
  double cycles = 0;
  const double start = seconds();
  for (const Architecture& architecture : points) {
    for (const Linear& linear : kLlama2) {
      const GemmEstimate estimate =
          estimate_gemm(architecture, Sequencing::grouped, {tokens, linear.out, linear.in, {4, 8}});
      cycles += linear.times * static_cast<double>(estimate.cycles);
    }
  }
  const double took = seconds() - start, count = static_cast<double>(points.size());
  fmt::print("{:<30} {:>6} {:>9.3f} {:>9.1f} {:>15.0f}\n", name, points.size(), 1e3 * took / count, count / took,
             cycles / count);
  return count / took;
}

/// The loop nest of a layer whole, by clock and memory: where the distance of bursts is no whole number of clocks of
/// the DRAM or of the accelerator, not many of them are served in one step.
struct Whole {
  const char* name;
  Architecture architecture;
  double seconds = 1e9;  ///< the least
};

std::vector<Whole> measure_whole() {
  constexpr int kRounds = 9;
  std::vector<Whole> all{{"published, LPDDR4, 500 MHz", default_architecture()},
                         {"600 MHz", architecture_of("{clock_mhz: 600}")},
                         {"DDR4", architecture_of("{dram: {standard: ddr4}}")}};
  for (int i = 0; i < kRounds; ++i) {
    for (Whole& each : all) {
      const double start = seconds();
      whole_gemm(each.architecture, Sequencing::grouped, {kPromptTokens, 4096, 4096, {4, 8}});
      each.seconds = std::min(each.seconds, seconds() - start);
    }
  }
  fmt::print("\n4096 x 4096 at 4:8, 128 tokens, the whole loop nest\n{:<30} {:>9}\n", "", "ms, least");
  for (const Whole& each : all) fmt::print("{:<30} {:>9.2f}\n", each.name, 1e3 * each.seconds);
  return all;
}

int run() {
  const std::vector<double> errors = measure_errors();
  fmt::print("\nall linears of Llama-2-7B at 4:8, one thread, processor time\n{:<30} {:>6} {:>9} {:>9} {:>15}\n", "",
             "points", "ms each", "a second", "cycles, mean");
  const std::vector<Architecture> all = designs(), published(20, default_architecture());
  const double points = points_per_second(all, kPromptTokens, "designs, 128 tokens");
  const double decode_points = points_per_second(all, 1, "designs, 1 token");
  points_per_second(published, kPromptTokens, "published, 128 tokens");
  points_per_second(published, 1, "published, 1 token");
  const std::vector<Whole> whole = measure_whole();
  fmt::print(
      "{{\"points_per_s\": {:.1f}, \"decode_points_per_s\": {:.1f}, \"error_pct_median\": {:.4f}, \"error_pct_max\": "
      "{:.4f}, \"whole_ms\": {:.3f}, \"whole_600_mhz_ratio\": {:.3f}, \"whole_ddr4_ratio\": {:.3f}}}\n",
      points, decode_points, quantile(errors, 0.5), quantile(errors, 1), 1e3 * whole[0].seconds,
      whole[1].seconds / whole[0].seconds, whole[2].seconds / whole[0].seconds);
  return 0;
}

}  // namespace
}  // namespace flexcim

int main() {
  try {
    return flexcim::run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/estimate: {}\n", error.what());
    return 1;
  }
}
