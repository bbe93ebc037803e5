#include "platform/soc/rtl_macro_engine.h"

#include "flow/map/image.h"
#include "flow/map/schedule.h"
#include "flow/model/golden.h"

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
  std::vector<std::uint8_t> image;
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
    image = encode_image(geometry, layout, packed);
  }

  TileGrid grid() const { return tile_grid(layout, packed.out, packed.in); }

  /// The tiles with macro (0, 0) at tile (o, k) of the grid.
  std::shared_ptr<ArrayTile> array_tile(int o, int k) const {
    auto tile = std::make_shared<ArrayTile>();
    tile->layout = layout;
    tile->out = packed.out;
    tile->row = o;
    for (int mo = o; mo < o + shape.outputs; ++mo) {
      for (int mk = k; mk < k + shape.inputs; ++mk) {
        BlobView& blob = tile->blobs.emplace_back();
        if (mo >= grid().outputs || mk >= grid().inputs) continue;
        const std::size_t at = static_cast<std::size_t>(mo) * grid().inputs + mk;
        const DirectoryEntry entry = read_directory_entry(&image[at * kDirectoryEntryBytes]);
        REQUIRE(view_blob(geometry, layout, packed.out, mo, entry, &image[entry.offset], blob) == ImageError::none);
        tile->phases = std::max<std::uint64_t>(tile->phases, entry.phases);
      }
    }
    tile->bytes = 5000;
    return tile;
  }

  /// Of a load and a pass per token.
  MacroEvents events(const ArrayTile& tile) const {
    MacroEvents all;
    for (std::size_t i = 0; i < tile.blobs.size(); ++i) {
      if (tile.blobs[i].weights == nullptr) continue;
      const int row = tile.row + static_cast<int>(i) / shape.inputs;
      all += load_events(geometry);
      all += pass_events(geometry, layout, unpack_blob(geometry, layout, packed.out, row, tile.blobs[i])) *
             activations.rows();
    }
    return all;
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
  const auto& [g, shape, layout, packed, image, weights, activations] = layer;
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
      expected += layer.events(*tile);
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

/// The same with loads behind runs: by turns the run is the longer one, the load is late, the operands are.
void run_layer_shadow(RtlMacroEngine& engine, const Layer& layer, std::uint64_t stretch, std::uint64_t port_bytes) {
  const auto& [g, shape, layout, packed, image, weights, activations] = layer;
  struct Step {
    int o;
    std::shared_ptr<ArrayTile> tile;
    Matrix<std::int8_t> inputs;
  };
  std::vector<Step> steps;
  std::vector<Matrix<std::int32_t>> sums;  // by o
  for (int o = 0; o < layer.grid().outputs; o += shape.outputs) {
    sums.emplace_back(activations.rows(), static_cast<std::size_t>(shape.outputs) * layout.tile_outputs);
    for (int k = 0; k < layer.grid().inputs; k += shape.inputs) {
      steps.push_back({o / shape.outputs, layer.array_tile(o, k), layer.inputs_of(k)});
    }
  }
  MacroEvents expected = engine.events();
  const Cycle begin = sc_core::sc_time_stamp().value() / kPeriodPs + 3;
  TileTimes before{begin, begin, begin, begin}, now;
  const auto load = [&](std::size_t i, Cycle ready) {
    now.load_start = load_start(WeightUpdate::shadow, before, ready);
    now.loaded = engine.load_shadow(now.load_start, steps[i].tile, port_bytes);
    REQUIRE(now.loaded == now.load_start + write_cycles(layer.geometry, steps[i].tile->bytes, port_bytes));
  };
  load(0, begin);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CAPTURE(i);
    const std::shared_ptr<ArrayTile>& tile = steps[i].tile;
    now.first_phase = first_phase(before, now.loaded);
    REQUIRE(engine.swap(now.first_phase - 1) == now.first_phase);
    REQUIRE(sc_core::sc_time_stamp().value() == now.first_phase * kPeriodPs);
    before = now;
    if (i + 1 < steps.size()) load(i + 1, now.first_phase + i % 3 * 40);
    const std::uint64_t pass_cycles = tile->phases + stretch;
    const Cycle start = before.first_phase + i % 2 * 25;
    before.run_end = engine.run(start, steps[i].inputs, sums[static_cast<std::size_t>(steps[i].o)].view(), pass_cycles);
    REQUIRE(before.run_end == start + activations.rows() * pass_cycles);
    REQUIRE(engine.drained() == before.run_end + pipeline_latency(g));
    expected += layer.events(*tile);
  }
  sc_core::wait(sc_core::sc_time::from_value(engine.drained() * kPeriodPs) - sc_core::sc_time_stamp());
  const Matrix<std::int32_t> golden = golden_gemm(weights, activations);
  for (std::size_t t = 0; t < golden.rows(); ++t) {
    for (std::size_t c = 0; c < golden.cols(); ++c) {
      const Matrix<std::int32_t>& of = sums[c / sums[0].cols()];
      REQUIRE(of(t, c % of.cols()) == golden(t, c));
    }
  }
  CHECK(engine.events() == expected);
}

TEST_CASE("rtl engine: shadow loads behind runs, all patterns, cycles of the schedule") {
  const MacroGeometry g;
  const sc_core::sc_time period(2, sc_core::SC_NS);
  RtlMacroEngine one("one", g, {1, 1}, period, WeightUpdate::shadow);
  RtlMacroEngine array("array", g, {2, 3}, period, WeightUpdate::shadow);
  Accelerator accelerator("accelerator", [&] {
    unsigned seed = 1;
    for (const Pattern pattern :
         {Pattern{}, Pattern{1, 2}, Pattern{1, 4}, Pattern{2, 4}, Pattern{1, 8}, Pattern{2, 8}, Pattern{4, 8}}) {
      INFO("pattern " << to_string(pattern));
      run_layer_shadow(one, Layer(g, {1, 1}, pattern, Sequencing::grouped, MergeMode::reduce, 40, 600, 3, seed++), 0,
                       256);
      run_layer_shadow(array, Layer(g, {2, 3}, pattern, Sequencing::grouped, MergeMode::reduce, 100, 1700, 40, seed++),
                       2, 64);
    }
    run_layer_shadow(one, Layer(g, {1, 1}, {2, 4}, Sequencing::dense_slot, MergeMode::reduce, 33, 230, 60, seed++), 0,
                     16);
    run_layer_shadow(one, Layer(g, {1, 1}, {4, 8}, Sequencing::scan, MergeMode::reduce, 33, 600, 9, seed++), 0, 256);
    run_layer_shadow(array, Layer(g, {2, 3}, {2, 8}, Sequencing::scan, MergeMode::concat, 140, 900, 3, seed++), 1, 256);
  });
  sc_core::sc_start();
  CHECK(accelerator.finished);
}

TEST_CASE("rtl engine: a reset in the middle of a shadow load and a run, with the same tile again behind it") {
  const MacroGeometry g;
  RtlMacroEngine engine("engine", g, {1, 1}, sc_core::sc_time(2, sc_core::SC_NS), WeightUpdate::shadow);
  const Layer layer(g, {1, 1}, {4, 8}, Sequencing::scan, MergeMode::reduce, 32, 256, 50, 9);
  Matrix<std::int32_t> abandoned(50, 32);
  const Matrix<std::int8_t> inputs = layer.inputs_of(0);
  Accelerator accelerator("accelerator", [&] {
    const auto tile = layer.array_tile(0, 0);
    CHECK(engine.load_shadow(5, tile, kPortBytes) == 5 + 313);
    const Cycle first = engine.swap(5 + 313);
    CHECK(first == 5 + 313 + 1);
    engine.load_shadow(first, tile, kPortBytes);
    CHECK(engine.run(first, inputs, abandoned, tile->phases) == first + 41);
    sc_core::wait(sc_core::sc_time(100, sc_core::SC_NS));
    run_layer_shadow(engine, layer, 0, kPortBytes);
    // And once more while nothing but a load is under way, which has not begun yet.
    const Cycle now = sc_core::sc_time_stamp().value() / kPeriodPs;
    engine.load_shadow(now + 10, tile, kPortBytes);
    sc_core::wait(sc_core::sc_time(9, sc_core::SC_NS));
    engine.reset();
    sc_core::wait(sc_core::sc_time(100, sc_core::SC_NS));
    run_layer_shadow(engine, layer, 0, kPortBytes);
  });
  Accelerator resetter("resetter", [&] {
    sc_core::wait(sc_core::sc_time::from_value((5 + 314 + 40) * kPeriodPs + kPeriodPs / 2));
    engine.reset();
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
