#include "rtl_models/observe/macro_waveform.h"
#include "rtl_models/signals/clock.h"
#include "tests/rtl_models/macro_bench.h"
#include "tests/rtl_models/read_vcd.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace flexcim {
namespace {

/// A file of the test's own.
std::string scratch_base(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("flexcim_waveform_" + name);
  std::filesystem::create_directories(folder);
  return (folder / "wave").string();
}

/// A small macro under a free-running clock of 2 ns; load in cycles 0.., one pass.
struct TracedMacro : sc_core::sc_module {
  Clock clk{"clk", sc_core::sc_time(2, sc_core::SC_NS)};
  MacroGeometry g;
  std::unique_ptr<Macro> macro;
  sc_core::sc_signal<bool> reset, enable, load_ready, pass_ready, final_ready, swap, swap_ready;
  sc_core::sc_signal<LoadBeat> load;
  sc_core::sc_signal<PassPins> pass;
  sc_core::sc_signal<PsumFinal> psum_final;
  TileLayout layout;
  Tile tile;
  Activations inputs;
  std::uint32_t version = 0;
  int cycle = -1;

  explicit TracedMacro(const sc_core::sc_module_name& name, WeightUpdate update = WeightUpdate::blocking,
                       std::vector<Pattern> patterns = {})
      : sc_module(name) {
    g.rows = g.cols = 4;
    g.sub_macros = 2;
    g.patterns = std::move(patterns);
    macro = std::make_unique<Macro>("macro", g, update);
    if (update == WeightUpdate::shadow) {
      macro->swap(swap);
      macro->swap_ready(swap_ready);
    }
    macro->clock(clk);
    macro->reset(reset);
    macro->enable(enable);
    macro->load(load);
    macro->load_ready(load_ready);
    macro->pass(pass);
    macro->pass_ready(pass_ready);
    macro->psum_final(psum_final);
    macro->psum_final_ready(final_ready);
    enable.write(true);
    final_ready.write(true);
    layout = make_layout(g, g.patterns.empty() ? Pattern{2, 4} : g.patterns.back(), Sequencing::grouped,
                         MergeMode::reduce, "test");
    std::mt19937 random(3);
    tile = random_tile(g, layout, 1, random);
    inputs = random_activations(layout, random);
    SC_HAS_PROCESS(TracedMacro);
    SC_METHOD(drive);
    sensitive << clk.posedge_event();
    dont_initialize();
  }
  void drive() {
    ++cycle;
    LoadBeat beat;
    beat.valid = cycle < 4;
    if (beat.valid) {
      beat.column = static_cast<std::uint16_t>(cycle);
      beat.last = cycle == 3;
      beat.words = &tile.cells[tile.cell(g, cycle, 0, 0)];
      beat.phase = cycle == 0 ? &tile.phases[0] : nullptr;
      beat.layout = layout_pins(layout, 1);
    }
    beat.version = ++version;
    load.write(beat);
    swap.write(cycle == 4);
    pass.write({cycle == 5, inputs.data(), ++version});
  }
};

TEST_CASE("waveform: the dump shows the macro cycle by cycle, with the widths of the hardware") {
  const std::string base = scratch_base("standard");
  TracedMacro traced("traced");
  Waveform waveform("waveform", base, {}, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.close();
  const std::string text = contents(base + ".vcd");
  CHECK(text.find("$var wire 18 ") != std::string::npos);  // column psum: 16 + log2 4
  CHECK(text.find("$scope module sub_1 $end") != std::string::npos);
  auto changes = read_vcd(base + ".vcd");
  // Cycle c begins at 2000 * c ps. 4 columns, one cycle between, the phase in cycle 5, psum_final log2 4 + log2 2 + 4
  // later.
  using Changes = std::vector<std::pair<std::uint64_t, std::string>>;
  CHECK(changes.at("top.macro.sequencer.state") ==
        Changes{{0, "empty"}, {2000, "loading"}, {8000, "turnaround"}, {10000, "compute"}});
  CHECK(changes.at("top.macro.sub_0.use") == Changes{{0, "write"}, {8000, "none"}, {10000, "phase"}, {12000, "none"}});
  const std::uint64_t final_time = 2000 * (5 + 2 + 1 + 4);
  CHECK(changes.at("top.macro.psum_final_valid") == Changes{{0, "0"}, {final_time, "1"}, {final_time + 2000, "0"}});
  const Sums expected = reference_pass(traced.g, traced.layout, traced.tile, traced.inputs);
  for (int c = 0; c < 4; ++c) {
    const Changes& column = changes.at("top.macro.psum_final_" + std::to_string(c));
    INFO("column " << c);
    REQUIRE(column.size() >= 2);
    CHECK(column[1] == std::pair{final_time, two_complement(expected[c], traced.g.merged_psum_bits())});
  }
  const std::string savefile = contents(base + ".gtkw");
  // GTKWave finds the dump beside the savefile only where both have absolute names, of the same folder.
  CHECK(savefile.find("[dumpfile] \"/wave.vcd\"\n[savefile] \"/wave.gtkw\"\n") == 0);
  // Signed decimal, whatever the group's colour.
  CHECK(std::regex_search(savefile, std::regex("@420\n\\[color\\] [1-7]\ntop\\.macro\\.psum_final_0\\[17:0\\]")));
  CHECK(savefile.find("@8024\n") != std::string::npos);  // occupancy: analog
}

TEST_CASE("waveform: a macro for dense weights has one line per row, and no metadata") {
  const std::string base = scratch_base("dense");
  TracedMacro traced("traced", WeightUpdate::blocking, {Pattern{}});
  TraceOptions options;
  options.signals = {{"macro.*", ""}};
  Waveform waveform("waveform", base, options, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.close();
  auto changes = read_vcd(base + ".vcd");
  int lines = 0, metadata = 0;
  for (const auto& [name, values] : changes) {
    lines += name.find("sub_1.line_") != std::string::npos ? 1 : 0;
    metadata += name.find("metadata") != std::string::npos ? 1 : 0;
  }
  CHECK(lines == 4);
  CHECK(metadata == 0);
  // Row 3 of sub-macro 1 has input 7 of the pass, in cycle 5.
  CHECK(changes.at("top.macro.sub_1.line_3").back() ==
        std::pair{std::uint64_t{10000}, two_complement(traced.inputs[7], 8)});
  const Sums expected = reference_pass(traced.g, traced.layout, traced.tile, traced.inputs);
  CHECK(changes.at("top.macro.psum_final_3")[1].second == two_complement(expected[3], traced.g.merged_psum_bits()));
}

TEST_CASE("waveform: globs choose signals, registers inside the trees included, from and to cut") {
  const std::string base = scratch_base("globs");
  TracedMacro traced("traced");
  TraceOptions options;
  options.signals = {{"macro.sub[1].product_*", ""}, {"macro.sub_?.tree.level_1_*", ""}};
  options.from_ps = 12000;
  options.to_ps = 16000;
  Waveform waveform("waveform", base, options, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.close();
  auto changes = read_vcd(base + ".vcd");
  CHECK(changes.count("top.macro.sub_1.product_00") == 1);
  CHECK(changes.count("top.macro.sub_0.product_00") == 0);
  CHECK(changes.count("top.macro.psum_final_valid") == 0);
  CHECK(changes.at("top.macro.sub_1.product_valid").front() == std::pair<std::uint64_t, std::string>{12000, "1"});
  // Cycle 6: the product register; row 0, column 2 of sub-macro 1.
  const CellWord word = traced.tile.cells[traced.tile.cell(traced.g, 2, 1, 0)];
  const int base_pair = traced.tile.phases[0].bases[1 * 4 + 0];
  const int product = word.weight * traced.inputs[2 * base_pair + word.metadata];
  CHECK(changes.at("top.macro.sub_1.product_02").front().second == two_complement(product, 16));
  for (const auto& [name, values] : changes) {
    CHECK(values.front().first >= 12000);
    CHECK(values.back().first <= 17000);
  }
}

TEST_CASE("waveform: a glob that matches nothing is named, with signals that begin like it") {
  TracedMacro traced("traced");
  TraceOptions options;
  options.signals = {{"macro.sub[*].used", "q.yaml:4:8: trace.signals.0"}};
  Waveform waveform("waveform", scratch_base("no_match"), options, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  CHECK_THROWS_WITH(
      waveform.require_matches(),
      Catch::StartsWith(
          "q.yaml:4:8: trace.signals.0: no signal matches \"macro.sub[*].used\"; there are macro.sub_0.use, ") &&
          Catch::EndsWith(" and others"));
}

TEST_CASE("waveform: one unmatched glob among others is enough, buses stand once in the list") {
  TracedMacro traced("traced");
  TraceOptions options;
  options.signals = {{"macro.sub[*].use", ""}, {"macro.sub[1].prodct_*", ""}};
  Waveform waveform("waveform", scratch_base("no_match"), options, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  CHECK_THROWS_WITH(waveform.require_matches(),
                    Catch::StartsWith("no signal matches \"macro.sub[1].prodct_*\"; there are "
                                      "macro.sub_1.product_valid, macro.sub_1.product_00, macro.sub_1.psum"));
}

TEST_CASE("waveform: an FST has the same changes as the VCD, and the savefile names it") {
  const std::string base = scratch_base("fst");
  TracedMacro traced("traced");
  TraceOptions options;
  Waveform vcd("vcd", scratch_base("fst_reference"), options, sc_core::sc_time(2, sc_core::SC_NS));
  options.fst = true;
  Waveform fst("fst", base, options, sc_core::sc_time(2, sc_core::SC_NS));
  for (Waveform* each : {&vcd, &fst}) {
    each->clock(traced.clk);
    add_macro(*each, "macro", *traced.macro);
    each->require_matches();
  }
  sc_core::sc_start(60, sc_core::SC_NS);
  vcd.close();
  fst.close();
  CHECK(!std::filesystem::exists(base + ".vcd"));
  REQUIRE(std::system(("fst2vcd -f '" + base + ".fst' -o '" + base + "_back.vcd'").c_str()) == 0);
  const auto back = read_vcd(base + "_back.vcd");
  const auto direct = read_vcd(scratch_base("fst_reference") + ".vcd");
  CHECK(back.size() == direct.size());
  CHECK(back.at("top.macro.sub_1.use") == direct.at("top.macro.sub_1.use"));
  CHECK(back.at("top.macro.pass_valid") == direct.at("top.macro.pass_valid"));
  CHECK(contents(base + ".gtkw").find("wave.fst\"") != std::string::npos);
}

TEST_CASE("waveform: an FST without vcd2fst says what to install") {
  setenv("PATH", "/nonexistent", 1);
  TraceOptions options;
  options.fst = true;
  CHECK_THROWS_WITH(Waveform("waveform", scratch_base("no_converter"), options, sc_core::sc_time(2, sc_core::SC_NS)),
                    "an FST is written by vcd2fst, which is not installed (Debian package gtkwave)");
}

TEST_CASE("waveform: the packed inputs, where a pass or a beat is on the pins") {
  const std::string base = scratch_base("inputs");
  TracedMacro traced("traced");
  TraceOptions options;
  options.signals = {{"macro.pass_activation_*", ""}, {"macro.load_*", ""}};
  Waveform waveform("waveform", base, options, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.close();
  auto changes = read_vcd(base + ".vcd");
  using Changes = std::vector<std::pair<std::uint64_t, std::string>>;
  // The pass is there in cycle 5; 2:4 on two sub-macros has a block of 4 inputs per row, 16 in all, of 2 * 4 * 8.
  CHECK(changes.count("top.macro.pass_activation_63") == 1);
  for (int i = 0; i < 64; ++i) {
    INFO("activation " << i);
    const std::string number = (i < 10 ? "0" : "") + std::to_string(i);
    Changes expected{{0, "0"}};
    if (i < 16 && traced.inputs[i] != 0) expected.push_back({10000, two_complement(traced.inputs[i], 8)});
    CHECK(changes.at("top.macro.pass_activation_" + number) == expected);
  }
  // Word 5: row 1 of sub-macro 1, a column per cycle.
  Changes weights, metadata;
  for (int column = 0; column < 4; ++column) {
    const CellWord word = traced.tile.cells[traced.tile.cell(traced.g, column, 1, 1)];
    const std::string weight = two_complement(word.weight, 8), bits = two_complement(word.metadata, 3);
    if (weights.empty() || weights.back().second != weight) weights.push_back({2000 * column, weight});
    if (metadata.empty() || metadata.back().second != bits) metadata.push_back({2000 * column, bits});
  }
  CHECK(changes.at("top.macro.load_weight_5") == weights);
  CHECK(changes.at("top.macro.load_metadata_5") == metadata);
}

TEST_CASE("waveform: shadow shows the second cells and the swap") {
  const std::string base = scratch_base("shadow");
  TracedMacro traced("traced", WeightUpdate::shadow);
  Waveform waveform("waveform", base, {}, sc_core::sc_time(2, sc_core::SC_NS));
  waveform.clock(traced.clk);
  add_macro(waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.close();
  auto changes = read_vcd(base + ".vcd");
  using Changes = std::vector<std::pair<std::uint64_t, std::string>>;
  // Beats in cycles 0 to 3, complete and swapped in cycle 4, free again in 5.
  CHECK(changes.at("top.macro.sequencer.shadow") ==
        Changes{{0, "free"}, {2000, "loading"}, {8000, "full"}, {10000, "free"}});
  CHECK(changes.at("top.macro.swap") == Changes{{0, "0"}, {8000, "1"}, {10000, "0"}});
  CHECK(changes.at("top.macro.swap_ready") == Changes{{0, "0"}, {8000, "1"}, {10000, "0"}});
}

TEST_CASE("waveform: a run that ends before its time leaves no file") {
  const std::string base = scratch_base("aborted");
  for (const char* end : {".vcd", ".gtkw"}) std::filesystem::remove(base + end);
  TracedMacro traced("traced");
  auto waveform = std::make_unique<Waveform>("waveform", base, TraceOptions{}, sc_core::sc_time(2, sc_core::SC_NS));
  waveform->clock(traced.clk);
  add_macro(*waveform, "macro", *traced.macro);
  sc_core::sc_start(60, sc_core::SC_NS);
  waveform.reset();
  CHECK(std::filesystem::is_empty(std::filesystem::path(base).parent_path()));
}

TEST_CASE("waveform: a folder that does not exist is named") {
  CHECK_THROWS_WITH(Waveform("waveform", "/nonexistent/wave", {}, sc_core::sc_time(2, sc_core::SC_NS)),
                    Catch::Contains("/nonexistent/wave.vcd"));
}

}  // namespace
}  // namespace flexcim
