// The cycle-by-cycle tables of docs/microarchitecture.md are what the macro does.
#include "flow/pack/packed_linear.h"
#include "flow/pack/quantize.h"
#include "tests/rtl_models/macro_bench.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

namespace flexcim {
namespace {

constexpr int kInputs = 16;

MacroGeometry small_macro() {
  MacroGeometry g;
  g.sub_macros = 4;
  g.rows = 2;
  g.cols = 2;
  return g;
}

/// Column 0 keeps the inputs `kept[0]` of each block with the weights 1, 2, 3, ..., 1 again behind the largest that
/// there is; column 1 keeps `kept[1]` with 1. Two int4 weights in a cell are of twice the inputs.
PackedLinear example_weights(Pattern pattern, const std::vector<int> (&kept)[2], int weight_bits = 8) {
  const int inputs = weight_bits == 4 ? 2 * kInputs : kInputs;
  Matrix<std::int8_t> weights(2, inputs);
  int count = 0;
  for (int block = 0; block < inputs / pattern.m; ++block) {
    for (int i : kept[0]) {
      weights(0, block * pattern.m + i) = static_cast<std::int8_t>(1 + count++ % weight_limit(weight_bits));
    }
    for (int i : kept[1]) weights(1, block * pattern.m + i) = 1;
  }
  PackedLinear packed = pack_int8(weights.view(), pattern, "example");
  packed.weight_bits = weight_bits;
  return packed;
}

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string all;
  for (const std::string& part : parts) all += (all.empty() ? "" : separator) + part;
  return all;
}

std::string numbers(const std::int32_t* first, int count, int stride = 1) {
  std::vector<std::string> parts;
  for (int i = 0; i < count; ++i) parts.push_back(std::to_string(first[i * stride]));
  return join(parts, ", ");
}

class Table {
 public:
  explicit Table(const std::vector<std::string>& heads) {
    add(heads);
    add(std::vector<std::string>(heads.size(), "---"));
  }
  void add(std::vector<std::string> cells) {
    for (std::string& cell : cells) text_ += cell.empty() ? "| " : "| " + cell + " ";
    text_ += "|\n";
  }
  void check_in_docs() const {
    std::ifstream file(std::string(FLEXCIM_DOCS_DIR) + "/microarchitecture.md");
    const std::string docs{std::istreambuf_iterator<char>(file), {}};
    const bool found = docs.find("\n\n" + text_ + "\n") != std::string::npos;
    if (!found) std::cout << "docs/microarchitecture.md does not have the table of this run; copy it:\n" << text_;
    CHECK(found);
  }

 private:
  std::string text_;
};

/// What is on the lines: the column written, or pass (A, B) and phase.
std::string on_the_lines(const Macro& macro, char pass) {
  const LinePins& pins = macro.lines[0].read();
  if (pins.use == LineUse::none) return "";
  if (pins.use == LineUse::write) return "write " + std::to_string(pins.column);
  return std::string(1, pass) + "." + std::to_string(macro.control.read().index);
}

/// The pair that each sub-macro has on row 0, a sub-macro's two lines joined by a slash.
std::string row_0(const Macro& macro) {
  if (macro.lines[0].read().use == LineUse::none) return "";
  std::vector<std::string> pairs;
  for (const auto& each : macro.lines) {
    const std::int8_t* lines = each.read().lines;
    pairs.push_back(std::to_string(lines[0]) + "/" + std::to_string(lines[1]));
  }
  return join(pairs, " ");
}

std::string selected(const Macro& macro) {
  const LinePins& pins = macro.lines[0].read();
  if (pins.use != LineUse::phase) return "";
  std::vector<std::string> columns;
  for (int c = 0; c < macro.geometry().cols; ++c) {
    if (pins.columns.test(c)) columns.push_back(std::to_string(c));
  }
  return join(columns, ", ");
}

std::string psum_entry(const Macro& macro) {
  const int occupancy = macro.sub[0].buffer.occupancy();
  if (occupancy == 0) return "";
  const bool closed = macro.psum_valid[0].read();
  return std::to_string(occupancy) + ": " + (closed ? std::to_string(macro.psum[0].read().sums[0]) : "open");
}

std::string merger_stage(const Merger& merger, int number, int cols) {
  const Merger::Stage& stage = merger.stage(number);
  return stage.valid ? numbers(stage.values.data(), stage.terms, cols) : "";
}

/// Loads the example and runs two passes, A with the activations 1, 2, ... and B with -1, -2, ..., as fast as the macro
/// takes them; one line per cycle.
Table run_example(const std::string& name, const PackedLinear& weights, Sequencing sequencing) {
  MacroGeometry g = small_macro();
  g.int4_per_cell = weights.weight_bits == 4 ? 2 : 1;
  const TileLayout layout =
      make_layout(g, weights.pattern, sequencing, MergeMode::reduce, "example", weights.weight_bits);
  REQUIRE(layout.tile_inputs == weights.in);
  const Tile tile = map_tile(g, layout, weights, 0, 0);
  std::vector<Activations> passes(2, Activations(weights.in));
  for (int i = 0; i < weights.in; ++i) {
    passes[0][i] = static_cast<std::int8_t>(i + 1);
    passes[1][i] = static_cast<std::int8_t>(-i - 1);
  }

  MacroBench bench(name, g);
  bench.macro.observe(true);
  bench.pulse_reset();
  bench.cycle = 0;
  Table table({"cycle", "state", "lines", "row 0", "`sel_col`", "`sub_0.product`", "`sub_0.tree.level_1`",
               "`sub_0` psums", "`merger.input`", "`merger.level_1`", "`merger.level_2`", "`psum_final`"});
  const Macro& macro = bench.macro;
  int beats = 0;
  std::size_t taken = 0;
  while (bench.outputs.size() < passes.size() && bench.cycle < 40) {
    bench.offer_nothing();
    if (beats < g.cols) {
      bench.offer_beat(tile, layout, beats);
    } else if (taken < passes.size()) {
      bench.offer_pass(passes[taken]);
    }
    bench.settle();
    const TreeStage& product = macro.sub[0].product.read();
    const TreeStage& sum = macro.sub[0].tree.stage(1);
    const PsumFinal& out = bench.psum_final.read();
    table.add({std::to_string(bench.cycle), to_string(macro.sequencer.state()),
               on_the_lines(macro, static_cast<char>('A' + taken)), row_0(macro), selected(macro),
               product.valid ? numbers(product.values, g.rows, g.cols) : "", sum.valid ? numbers(sum.sums, 1) : "",
               psum_entry(macro), merger_stage(macro.merger, 1, g.cols), merger_stage(macro.merger, 2, g.cols),
               merger_stage(macro.merger, 3, g.cols), out.valid ? numbers(out.sums, g.cols) : ""});
    const bool beat = beats < g.cols && bench.load_ready.read();
    const bool pass = beats == g.cols && taken < passes.size() && bench.pass_ready.read();
    bench.tick();
    beats += beat;
    taken += pass;
  }
  REQUIRE(bench.outputs.size() == passes.size());
  for (std::size_t i = 0; i < passes.size(); ++i) {
    CHECK(bench.outputs[i].sums == reference_pass(g, layout, tile, passes[i]));
  }
  return table;
}

// Both columns want one element of each pair: the default selects serve them together.
PackedLinear weights_2_4(int weight_bits = 8) { return example_weights({2, 4}, {{0, 3}, {1, 2}}, weight_bits); }
// Column 1 wants pairs 0 and 2 twice, and column 0 every pair once: no selects serve both.
PackedLinear weights_4_8() { return example_weights({4, 8}, {{0, 3, 4, 7}, {0, 1, 4, 5}}); }

}  // namespace

TEST_CASE("microarchitecture.md: 2:4 grouped") {
  run_example("grouped_2_4", weights_2_4(), Sequencing::grouped).check_in_docs();
}

TEST_CASE("microarchitecture.md: 2:4 scan") {
  run_example("scan_2_4", weights_2_4(), Sequencing::scan).check_in_docs();
}

TEST_CASE("microarchitecture.md: 2:4, two int4 weights in a cell") {
  run_example("int4_2_4", weights_2_4(4), Sequencing::grouped).check_in_docs();
}

TEST_CASE("microarchitecture.md: 4:8 grouped") {
  run_example("grouped_4_8", weights_4_8(), Sequencing::grouped).check_in_docs();
}

TEST_CASE("microarchitecture.md: 4:8 scan") {
  run_example("scan_4_8", weights_4_8(), Sequencing::scan).check_in_docs();
}

// Passes A, B, C through one tile while the next one loads, then pass D.
TEST_CASE("microarchitecture.md: shadow") {
  const MacroGeometry g = small_macro();
  const PackedLinear weights[] = {weights_2_4(), weights_4_8()};
  TileLayout layouts[2];
  Tile tiles[2];
  for (int t = 0; t < 2; ++t) {
    layouts[t] = make_layout(g, weights[t].pattern, Sequencing::grouped, MergeMode::reduce, "example");
    tiles[t] = map_tile(g, layouts[t], weights[t], 0, 0);
  }
  std::vector<Activations> passes(4, Activations(kInputs));
  for (int i = 0; i < kInputs; ++i) {
    for (int pass = 0; pass < 4; ++pass) passes[pass][i] = static_cast<std::int8_t>((pass + 1) * (i + 1));
  }
  constexpr std::size_t kOfFirst = 3;  // passes

  MacroBench bench("shadow", g, WeightUpdate::shadow);
  bench.macro.observe(true);
  bench.pulse_reset();
  bench.cycle = 0;
  Table table({"cycle", "`load`", "second cells", "`load_ready`", "`swap`", "`swap_ready`", "`go`", "lines", "row 0",
               "`sub_0.product`", "`psum_final`"});
  const Macro& macro = bench.macro;
  const auto bit = [](bool value) { return std::string(value ? "1" : "0"); };
  int beats = 0, swaps = 0;
  std::size_t taken = 0;
  while (bench.outputs.size() < passes.size() && bench.cycle < 40) {
    bench.offer_nothing();
    const int tile = beats / g.cols;
    bench.settle();
    const bool beat = tile < 2 && bench.load_ready.read();
    if (beat) bench.offer_beat(tiles[tile], layouts[tile], beats % g.cols);
    const bool swap = swaps == 0 || (swaps == 1 && taken == kOfFirst);
    bench.swap.write(swap);
    if (taken < passes.size()) bench.offer_pass(passes[taken]);
    bench.settle();
    const TreeStage& product = macro.sub[0].product.read();
    const PsumFinal& out = bench.psum_final.read();
    const std::string column = std::to_string(tile + 1) + "." + std::to_string(beats % g.cols);
    table.add({std::to_string(bench.cycle), beat ? column : "", to_string(macro.sequencer.shadow()),
               bit(bench.load_ready.read()), bit(swap), bit(bench.swap_ready.read()), bit(macro.go.read()),
               on_the_lines(macro, static_cast<char>('A' + taken)), row_0(macro),
               product.valid ? numbers(product.values, g.rows, g.cols) : "",
               out.valid ? numbers(out.sums, g.cols) : ""});
    const bool pass = taken < passes.size() && bench.pass_ready.read();
    swaps += swap && bench.swap_ready.read();
    bench.tick();
    beats += beat;
    taken += pass;
  }
  REQUIRE(bench.outputs.size() == passes.size());
  for (std::size_t i = 0; i < passes.size(); ++i) {
    const int tile = i < kOfFirst ? 0 : 1;
    CHECK(bench.outputs[i].sums == reference_pass(g, layouts[tile], tiles[tile], passes[i]));
  }
  table.check_in_docs();
}

// Ten passes while nobody takes psum_final until cycle 14.
TEST_CASE("microarchitecture.md: back-pressure") {
  const MacroGeometry g = small_macro();
  const PackedLinear weights = weights_2_4();
  const TileLayout layout = make_layout(g, weights.pattern, Sequencing::grouped, MergeMode::reduce, "example");
  const Tile tile = map_tile(g, layout, weights, 0, 0);
  constexpr std::size_t kPasses = 10;
  std::vector<Activations> passes;
  for (std::size_t i = 0; i < kPasses; ++i) passes.push_back(Activations(kInputs, static_cast<std::int8_t>(i + 1)));

  MacroBench bench("back_pressure", g);
  bench.pulse_reset();
  bench.load_tile(tile, layout);
  bench.cycle = 0;
  Table table({"cycle", "`pass` offered", "`go`", "`pass_ready`", "`sub_0.product_valid`", "`sub_0.sum_valid`",
               "`sub_0.psum_occupancy`", "`sub_0.ready`", "`sub_0.ack`", "`merger.input_valid`", "`psum_final`",
               "`psum_final_ready`"});
  const Macro& macro = bench.macro;
  const auto bit = [](bool value) { return std::string(value ? "1" : "0"); };
  std::size_t taken = 0;
  while (bench.outputs.size() < kPasses && bench.cycle < 60) {
    bench.offer_nothing();
    if (taken < kPasses) bench.offer_pass(passes[taken]);
    bench.final_ready.write(bench.cycle >= 14);
    bench.settle();
    const PsumFinal& out = bench.psum_final.read();
    table.add({std::to_string(bench.cycle), taken < kPasses ? std::to_string(taken + 1) : "", bit(macro.go.read()),
               bit(bench.pass_ready.read()), bit(macro.sub[0].product.read().valid), bit(macro.sub[0].sum.read().valid),
               std::to_string(macro.sub[0].buffer.occupancy()), bit(macro.sub_ready[0].read()),
               bit(macro.ack[0].read()), bit(macro.merger.stage(1).valid), out.valid ? numbers(out.sums, g.cols) : "",
               bit(bench.final_ready.read())});
    const bool pass = taken < kPasses && bench.pass_ready.read();
    bench.tick();
    taken += pass;
  }
  REQUIRE(bench.outputs.size() == kPasses);
  table.check_in_docs();
}

}  // namespace flexcim
