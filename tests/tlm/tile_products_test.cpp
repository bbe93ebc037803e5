#include "tlm/engine/tile_products.h"

#include "flow/base/simd.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/flow/random_patterns.h"
#include "tlm/engine/line_products.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim {
namespace {

struct Layer {
  MacroGeometry geometry;
  TileLayout layout;
  PackedLinear linear;
  Matrix<std::int8_t> activations;  ///< wide enough for all tiles
  Matrix<std::int32_t> golden;
};

void set_activations(Layer& layer, const Matrix<std::int8_t>& x) {
  layer.golden = golden_gemm(unpack(layer.linear), x);
  const TileGrid grid = tile_grid(layer.layout, layer.linear.out, layer.linear.in);
  layer.activations = Matrix<std::int8_t>(x.rows(), static_cast<std::size_t>(grid.inputs * layer.layout.tile_inputs));
  for (std::size_t t = 0; t < x.rows(); ++t) std::copy_n(x.row(t), x.cols(), layer.activations.row(t));
}

/// Big enough that some layers go 64 cells at a time.
Layer random_layer(std::mt19937& random) {
  auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  Layer layer;
  MacroGeometry& g = layer.geometry;
  g.sub_macros = pick(1, 8);
  g.rows = 1 << pick(2, 6);
  g.cols = 1 << pick(0, 6);
  g.pairs_per_set = 1 << pick(0, 3);
  g.window = pick(0, 2) == 0 ? g.pairs_per_set : 1;
  g.patterns = test::random_patterns(random, g.sub_macros, g.pairs_per_set);
  g.int4_per_cell = pick(1, 2);
  const int weight_bits = g.int4_per_cell == 2 && pick(0, 1) == 0 ? 4 : 8;
  const std::vector<Pattern> patterns = supported_patterns(g);
  const Pattern pattern = patterns[static_cast<std::size_t>(pick(0, static_cast<int>(patterns.size()) - 1))];
  const auto sequencing =
      pick(0, 1) == 0 ? Sequencing::grouped : kSequencings[pick(0, static_cast<int>(kSequencings.size()) - 1)].value;
  layer.layout = make_layout(g, pattern, sequencing, static_cast<MergeMode>(pick(0, 1)), "test", weight_bits);
  // A window that all columns share: one phase.
  layer.linear = test::random_linear(random, pattern, pick(1, 3 * g.cols), pick(1, 600), pick(0, 3) == 0 ? 0 : g.window,
                                     weight_bits);
  set_activations(layer,
                  test::random_activations(random, pick(0, 2) == 0 ? pick(10, 80) : pick(1, 9), layer.linear.in));
  return layer;
}

using AddProducts = void (*)(const MacroGeometry&, const TileLayout&, const std::vector<TilePasses>&,
                             MatrixView<std::int32_t>, DataLineCache&);

/// The layer's outputs, a row of tiles at a time.
Matrix<std::int32_t> products(const Layer& layer, AddProducts add) {
  const TileLayout& layout = layer.layout;
  const std::vector<std::uint8_t> image = encode_image(layer.geometry, layout, layer.linear);
  const TileGrid grid = tile_grid(layout, layer.linear.out, layer.linear.in);
  const auto inputs = static_cast<std::size_t>(layout.tile_inputs),
             outputs = static_cast<std::size_t>(layout.tile_outputs);
  Matrix<std::int32_t> all(layer.activations.rows(), static_cast<std::size_t>(grid.outputs) * outputs);
  DataLineCache cache;
  for (int o = 0; o < grid.outputs; ++o) {
    std::vector<TilePasses> passes(static_cast<std::size_t>(grid.inputs));
    for (std::size_t k = 0; k < passes.size(); ++k) {
      const std::size_t at = static_cast<std::size_t>(o) * passes.size() + k;
      const DirectoryEntry entry = read_directory_entry(image.data() + at * kDirectoryEntryBytes);
      REQUIRE(view_blob(layer.geometry, layout, layer.linear.out, o, entry, image.data() + entry.offset,
                        passes[k].blob) == ImageError::none);
      passes[k].activations = {layer.activations.data() + k * inputs, layer.activations.rows(), inputs,
                               layer.activations.cols()};
    }
    add(layer.geometry, layout, passes,
        {all.data() + static_cast<std::size_t>(o) * outputs, all.rows(), outputs, all.cols()}, cache);
  }
  Matrix<std::int32_t> found(all.rows(), static_cast<std::size_t>(layer.linear.out));
  for (std::size_t t = 0; t < all.rows(); ++t) std::copy_n(all.row(t), found.cols(), found.row(t));
  return found;
}

TEST_CASE("products of tiles: every instruction set gives the golden sums") {
  static int by_lines = 0;
  const AddProducts add = [](const MacroGeometry& g, const TileLayout& layout, const std::vector<TilePasses>& passes,
                             MatrixView<std::int32_t> sums, DataLineCache& cache) {
    add_tile_products(g, layout, passes, sums, cache);
    // Which way it went: once more, into sums of its own.
    Matrix<std::int32_t> again(sums.rows, sums.cols);
    DataLineCache fresh;
    by_lines += add_line_products(g, layout, passes, again, fresh);
  };
  for (unsigned seed = 1; seed <= 160; ++seed) {
    std::mt19937 random(seed);
    const Layer layer = random_layer(random);
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      const int before = by_lines;
      INFO(name_of(set) << ", seed " << seed << ", " << to_string(layer.linear.pattern) << " "
                        << to_string(layer.layout.sequencing));
      CHECK(products(layer, add) == layer.golden);
      if (set < Simd::avx2) CHECK(by_lines == before);
    }
  }
  if (machine_simd().back() >= Simd::avx2) CHECK(by_lines > 20);
}

/// The weights of a row of tiles exceed what the kernels take at a time for several tokens.
TEST_CASE("products of tiles: a row of the published macro's tiles that holds 4096 inputs") {
  std::mt19937 random(1);
  for (const Pattern pattern : {Pattern{4, 8}, Pattern{2, 8}, Pattern{1, 1}}) {
    Layer layer;
    layer.layout = make_layout(layer.geometry, pattern, Sequencing::grouped, MergeMode::reduce, "test");
    layer.linear = test::random_linear(random, pattern, 40, 4096, 1);
    for (const int tokens : {1, 4, 5, 21}) {
      set_activations(layer, test::random_activations(random, tokens, layer.linear.in));
      for (const Simd set : machine_simd()) {
        const SimdOverride use(set);
        INFO(name_of(set) << ", " << to_string(pattern) << ", tokens " << tokens);
        CHECK(products(layer, add_tile_products) == layer.golden);
      }
    }
  }
}

}  // namespace
}  // namespace flexcim
