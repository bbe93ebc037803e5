#include "platform/rtl_macro_engine.h"

#include "flow/golden.h"
#include "flow/map/schedule.h"

#include <catch2/catch.hpp>
#include <functional>
#include <random>

namespace flexcim {
namespace {

constexpr std::uint64_t kPeriodPs = 2000;
constexpr std::uint64_t kPortBytes = 16;

/// Runs `body` in an SC_THREAD to its end.
class Accelerator : public sc_core::sc_module {
 public:
  Accelerator(const sc_core::sc_module_name& name, std::function<void()> body)
      : sc_module(name), body_(std::move(body)) {
    SC_HAS_PROCESS(Accelerator);
    SC_THREAD(run);
  }
  bool finished = false;

 private:
  void run() {
    body_();
    finished = true;
  }
  std::function<void()> body_;
};

/// A layer whose weights satisfy `pattern`, its activations, and its tiles on an array of macros.
struct Layer {
  MacroGeometry geometry;
  ArrayShape shape;
  TileLayout layout;
  PackedLinear packed;
  Matrix<std::int8_t> weights, activations;

  Layer(const MacroGeometry& g, ArrayShape array, Pattern pattern, Sequencing sequencing, MergeMode merge, int out,
        int in, int tokens, unsigned seed)
      : geometry(g),
        shape(array),
        layout(make_layout(g, pattern, sequencing, merge, "test")),
        weights(out, in),
        activations(tokens, in) {
    std::mt19937 random(seed);
    for (int o = 0; o < out; ++o) {
      for (int first = 0; first < in; first += pattern.m) {
        for (int n = 0; n < pattern.n; ++n) {
          const int index = first + static_cast<int>(random() % static_cast<unsigned>(pattern.m));
          if (index < in) weights(o, index) = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
        }
      }
    }
    for (std::size_t i = 0; i < activations.size(); ++i) activations.data()[i] = static_cast<std::int8_t>(random());
    packed = pack_int8(weights, pattern, "test");
  }

  TileGrid grid() const { return tile_grid(layout, packed.out, packed.in); }

  /// The tiles with macro (0, 0) at tile (o, k) of the grid.
  std::shared_ptr<ArrayTile> array_tile(int o, int k) const {
    auto tile = std::make_shared<ArrayTile>();
    tile->layout = layout;
    for (int mo = 0; mo < shape.outputs; ++mo) {
      for (int mk = 0; mk < shape.inputs; ++mk) {
        if (o + mo >= grid().outputs || k + mk >= grid().inputs) {
          tile->tiles.push_back(nullptr);
          continue;
        }
        tile->tiles.push_back(std::make_shared<Tile>(map_tile(geometry, layout, packed, o + mo, k + mk)));
        tile->phases = std::max<std::uint64_t>(tile->phases, tile->tiles.back()->phases.size());
      }
    }
    tile->bytes = 5000;
    return tile;
  }

  Matrix<std::int8_t> inputs_of(int k) const {
    Matrix<std::int8_t> padded(activations.rows(), static_cast<std::size_t>(shape.inputs) * layout.tile_inputs);
    for (std::size_t t = 0; t < activations.rows(); ++t) {
      for (std::size_t i = 0; i < padded.cols(); ++i) {
        const std::size_t input = static_cast<std::size_t>(k) * layout.tile_inputs + i;
        if (input < activations.cols()) padded(t, i) = activations(t, input);
      }
    }
    return padded;
  }
};

/// Runs the whole layer, checks every cycle on the way, and compares outputs and events.
void run_layer(RtlMacroEngine& engine, const Layer& layer, std::uint64_t stretch) {
  const auto& [g, shape, layout, packed, weights, activations] = layer;
  const TileGrid grid = layer.grid();
  Matrix<std::int32_t> output(activations.rows(), packed.out);
  MacroEvents expected = engine.events();
  Cycle cycle = sc_core::sc_time_stamp().value() / kPeriodPs + 3;
  for (int o = 0; o < grid.outputs; o += shape.outputs) {
    Matrix<std::int32_t> sums(activations.rows(), static_cast<std::size_t>(shape.outputs) * layout.tile_outputs);
    std::vector<Matrix<std::int8_t>> inputs;  // valid until drained
    for (int k = 0; k < grid.inputs; k += shape.inputs) {
      const auto tile = layer.array_tile(o, k);
      const Cycle loaded = engine.load(cycle, tile, kPortBytes);
      // 5000 bytes through 16 per cycle are 313 cycles, more than C; one more before the first phase.
      REQUIRE(loaded == cycle + 313 + 1);
      REQUIRE(loaded == cycle + load_cycles(g, tile->bytes, kPortBytes));
      REQUIRE(sc_core::sc_time_stamp().value() == loaded * kPeriodPs);
      inputs.push_back(layer.inputs_of(k));
      const std::uint64_t pass_cycles = tile->phases + stretch;
      cycle = engine.run(loaded, inputs.back(), sums, pass_cycles);
      REQUIRE(cycle == loaded + activations.rows() * pass_cycles);
      REQUIRE(engine.drained() == cycle + pipeline_latency(g));
      for (const auto& each : tile->tiles) {
        if (each == nullptr) continue;
        expected += load_events(g);
        expected += pass_events(g, layout, *each) * activations.rows();
      }
    }
    sc_core::wait(sc_core::sc_time::from_value(engine.drained() * kPeriodPs) - sc_core::sc_time_stamp());
    for (std::size_t t = 0; t < output.rows(); ++t) {
      for (std::size_t c = 0; c < sums.cols(); ++c) {
        const std::size_t channel = static_cast<std::size_t>(o) * layout.tile_outputs + c;
        if (channel < output.cols()) output(t, channel) = sums(t, c);
      }
    }
    cycle = engine.drained();
  }
  CHECK(output == golden_gemm(weights, activations));
  CHECK(engine.events() == expected);
}

TEST_CASE("rtl engine: layers that do not divide the array, all patterns, cycles of the schedule") {
  const MacroGeometry g;
  RtlMacroEngine one("one", g, {1, 1}, sc_core::sc_time(2, sc_core::SC_NS));
  RtlMacroEngine array("array", g, {2, 3}, sc_core::sc_time(2, sc_core::SC_NS));
  Accelerator accelerator("accelerator", [&] {
    unsigned seed = 1;
    for (const Pattern pattern :
         {Pattern{}, Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{1, 8}, Pattern{2, 8}, Pattern{4, 8}}) {
      INFO("pattern " << to_string(pattern));
      run_layer(one, Layer(g, {1, 1}, pattern, Sequencing::grouped, MergeMode::reduce, 40, 300, 3, seed++), 0);
      run_layer(array, Layer(g, {2, 3}, pattern, Sequencing::grouped, MergeMode::reduce, 100, 1700, 2, seed++), 2);
    }
    run_layer(one, Layer(g, {1, 1}, {2, 4}, Sequencing::dense_slot, MergeMode::reduce, 33, 130, 3, seed++), 0);
    run_layer(one, Layer(g, {1, 1}, {4, 8}, Sequencing::scan, MergeMode::reduce, 33, 300, 3, seed++), 0);
    run_layer(array, Layer(g, {2, 3}, {2, 8}, Sequencing::scan, MergeMode::concat, 140, 300, 3, seed++), 1);
  });
  sc_core::sc_start();
  CHECK(accelerator.finished);
}

TEST_CASE("rtl engine: a reset ends a run at once, adds nothing more, and a new load runs") {
  const MacroGeometry g;
  RtlMacroEngine engine("engine", g, {1, 1}, sc_core::sc_time(2, sc_core::SC_NS));
  const Layer layer(g, {1, 1}, {4, 8}, Sequencing::scan, MergeMode::reduce, 32, 256, 50, 9);
  Matrix<std::int32_t> abandoned(50, 32), sums(50, 32);
  const Matrix<std::int8_t> inputs = layer.inputs_of(0);
  Accelerator accelerator("accelerator", [&] {
    const auto tile = layer.array_tile(0, 0);
    const Cycle loaded = engine.load(5, tile, kPortBytes);
    const Cycle ended = engine.run(loaded, inputs, abandoned, tile->phases);
    CHECK(ended == loaded + 41);  // reset half a cycle into cycle 40 of the run; the thread goes on with the next edge
    const Matrix<std::int32_t> then = abandoned;
    const Cycle again = engine.load(ended + 1, tile, kPortBytes);
    CHECK(again == ended + 1 + 313 + 1);
    const Cycle end = engine.run(again, inputs, sums, tile->phases);
    CHECK(end == again + 50 * 4);
    sc_core::wait(sc_core::sc_time::from_value(engine.drained() * kPeriodPs) - sc_core::sc_time_stamp());
    CHECK(abandoned == then);
    CHECK(sums == golden_gemm(layer.weights, layer.activations));
  });
  Accelerator resetter("resetter", [&] {
    sc_core::wait(sc_core::sc_time::from_value((5 + 314 + 40) * kPeriodPs + kPeriodPs / 2));
    engine.reset();
  });
  sc_core::sc_start();
  CHECK(accelerator.finished);
}

}  // namespace
}  // namespace flexcim
