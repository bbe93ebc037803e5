// docs/energy_example.md: a whole run by hand, to the femtojoule.
#include "flow/base/mapped_file.h"
#include "flow/pack/packed_linear.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <sstream>

namespace flexcim {
namespace {

/// pJ by component and figure.
using Terms = std::map<std::pair<std::string, std::string>, std::string>;

Terms terms_of(const EnergyReport& report) {
  Terms terms;
  for (const EnergyTerm& term : report.terms()) {
    terms[{std::string(to_string(term.component)), term.name}] = picojoules_text(term.energy);
  }
  return terms;
}

/// Rows of the page from `title` on to the next one.
Terms page_rows(const std::string& page, const std::string& title) {
  std::istringstream lines(page.substr(page.find("\n## " + title + "\n") + 4));
  Terms rows;
  for (std::string line; std::getline(lines, line) && line.rfind("## ", 0) != 0;) {
    if (line.rfind("| `", 0) != 0) continue;
    const auto component = line.find('`') + 1, component_end = line.find('`', component);
    const auto figure = line.find('`', component_end + 1) + 1, figure_end = line.find('`', figure);
    const auto pj = line.rfind("| ", line.size() - 2) + 2;
    rows[{line.substr(component, component_end - component), line.substr(figure, figure_end - figure)}] =
        line.substr(pj, line.rfind(" |") - pj);
  }
  return rows;
}

/// From fJ, which are rounded.
Terms by_hand(const std::vector<std::tuple<const char*, const char*, double>>& rows) {
  Terms terms;
  for (const auto& [component, figure, fj] : rows) terms[{component, figure}] = picojoules_text(std::llround(fj));
  return terms;
}

GemmJob example_job() {
  Matrix<std::int8_t> weights(32, 256), activations(1, 256);
  for (std::size_t o = 0; o < 32; ++o) {
    for (std::size_t i = 0; i < 256; ++i) weights(o, i) = i % 4 < 2 ? 1 : 0;
  }
  std::fill_n(activations.data(), 256, std::int8_t{1});
  GemmJob job{pack_int8(weights, {2, 4}, "the example"), activations};
  job.weights.name = "gemm";
  return job;
}

}  // namespace

TEST_CASE("A run by hand: every term of docs/energy_example.md, at both fidelities") {
  const TempFolder folder;
  const Scenario scenario = load_scenario(
      folder.write("s.yaml", "name: example\nfidelity: tlm\nworkload: {kind: gemm, weights: W, activations: X}\n"), {});
  const GemmJob job = example_job();
  GemmSimulation tlm("tlm", scenario, Fidelity::tlm, {&job}), rtl("rtl", scenario, Fidelity::rtl, {&job});
  sc_core::sc_start();

  const double logic_mm2 = 1e-6 * (4096 * (64 * 0.614 + 56 * 4.79 + 16 * 3.68) + 4096 * 9 * 0.244 +
                                   4096 * 8 * 3 * 0.614 + 128 * (522 * 4.79 + 553 * 3.68) + 128 * 3 * 21 * 3.68 +
                                   128 * 2 * 16 * 9 * 0.614 + 32 * (3 * 22 * (4.79 + 3.68) + (4 * 21 + 22) * 3.68));
  CHECK(logic_mm2 == Approx(2.233408384).epsilon(1e-12));
  const double sram_read = 1000 * std::sqrt(0.375 * 1.02), sram_write = 1000 * std::sqrt(0.688 * 1.17), wire = 400;
  const Terms layer = by_hand({
      {"cells", "energy.int8_multiply", 4096 * 104},
      {"cells", "energy.flip_flop_clock", 4096 * 16 * 0.87},
      {"adder_trees", "energy.add_16", 128 * 16 * 27.2},
      {"adder_trees", "energy.add_20", 128 * (8 * 28.9 + 4 * 30.6 + 2 * 32.3 + 34.0)},
      {"adder_trees", "energy.flip_flop_clock", 128 * 553 * 0.87},
      {"psum_buffers", "energy.flip_flop_toggle", 128 * 21 * 0.5 * 5.3},
      {"merger", "energy.flip_flop_toggle", 32 * (4 * 21 + 4 * 22) * 0.5 * 5.3},
      {"merger", "energy.add_22", 32 * 3 * 36.55},
      {"distributor", "energy.mux4_per_bit", 128 * 2 * 16 * 2.55},
      {"metadata", "energy.mux2_per_bit", 4096 * 8 * 0.85},
      {"cell_writes", "energy.cell_write_per_bit", 4096 * 9 * 12.0},
      {"gated_cells", "energy.idle_cell", 561 * 4096 * 0.3},
      {"activation_buffer", "sram.write at 64 KiB", 256 * sram_write},
      {"activation_buffer", "sram.read at 64 KiB", 256 * sram_read},
      {"activation_buffer", "energy.wire", 256 * wire},
      {"weight_buffer", "sram.write at 64 KiB", 4624 * sram_write},
      {"weight_buffer", "sram.read at 64 KiB", 4624 * sram_read},
      {"weight_buffer", "energy.wire", 4624 * wire},
      {"output_buffer", "sram.write at 64 KiB", 128 * sram_write},
      {"output_buffer", "sram.read at 64 KiB", 128 * sram_read},
      {"output_buffer", "energy.wire", 128 * wire},
      {"interconnect", "energy.interconnect_hop", (5024 + 128) * 650},
      {"dram", "dram.read", 5056 * 8 * 8470.0},
      {"dram", "dram.write", 128 * 8 * 5030},
      {"dram", "dram.activate", 6 * 1'200'000},
      {"dram", "dram.standby", 36'000 * 1124},
      {"leakage", "leakage.logic_per_mm2", logic_mm2 * 10'000 * 1124},
      {"leakage", "leakage.sram_per_kib", 192 * 2 * 1124},
  });
  const Terms between = by_hand({
      {"gated_cells", "energy.idle_cell", 180 * 4096 * 0.3},
      {"interconnect", "energy.interconnect_hop", (128 + 14 * 4) * 650},
      {"host", "energy.host_instruction", (32 + 14) * 10'000},
      {"dram", "dram.write", 128 * 8 * 5030},
      {"dram", "dram.standby", 36'000 * 360},
      {"leakage", "leakage.logic_per_mm2", logic_mm2 * 10'000 * 360},
      {"leakage", "leakage.sram_per_kib", 192 * 2 * 360},
  });
  for (const GemmSimulation* simulation : {&tlm, &rtl}) {
    const SimulationResult result = simulation->result();
    REQUIRE(result.match());
    CHECK(result.layers[0].cycles == 562);
    CHECK(result.time_ps == 1'484'000);
    CHECK(terms_of(result.layers[0].energy) == layer);
    CHECK(terms_of(result.between) == between);
    CHECK(result.layers[0].energy.total() == 435'740'250);
    CHECK(result.between.total() == 27'090'014);
    CHECK(result.energy.total() == 462'830'264);
  }

  const std::string page(MappedFile(FLEXCIM_DOCS_DIR "/energy_example.md").text());
  CHECK(page_rows(page, "The layer") == layer);
  CHECK(page_rows(page, "Between") == between);
  for (const char* sum : {"The layer: 435740.250 pJ.", "Between: 27090.014 pJ.", "= 462830.264 pJ."}) {
    CHECK_THAT(page, Catch::Contains(sum));
  }
}

}  // namespace flexcim
