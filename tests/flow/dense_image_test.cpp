// The image of a dense matrix that grows: weight by weight put where it says, it is the image that the hardware reads.
#include "flow/map/dense_image.h"

#include "flow/map/image.h"
#include "flow/map/tile.h"
#include "flow/pack/packed_linear.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <random>

using namespace flexcim;

namespace {

int between(std::mt19937& random, int least, int most) {
  return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
}

MacroGeometry random_geometry(std::mt19937& random) {
  MacroGeometry g;
  g.sub_macros = between(random, 1, 6);
  g.rows = 1 << between(random, 0, 4);
  g.cols = 1 << between(random, 0, 4);
  g.int4_per_cell = between(random, 1, 2);
  return g;
}

/// The tiles that a directory and blobs hold are those of the matrix.
void check_tiles(const MacroGeometry& g, MergeMode merge, const Matrix<std::int8_t>& weights,
                 const std::vector<std::uint8_t>& image) {
  const PackedLinear linear = pack_int8(weights, Pattern{}, "test");
  const TileLayout layout = make_layout(g, Pattern{}, Sequencing::grouped, merge, "test");
  const TileGrid grid = tile_grid(layout, linear.out, linear.in);
  for (int i = 0; i < grid.count(); ++i) {
    CAPTURE(i);
    const DirectoryEntry entry =
        read_directory_entry(image.data() + static_cast<std::size_t>(i) * kDirectoryEntryBytes);
    REQUIRE(entry.offset % kBlobAlignment == 0);
    REQUIRE(entry.offset + entry.bytes <= image.size());
    BlobView view;
    REQUIRE(view_blob(g, layout, linear.out, i / grid.inputs, entry, image.data() + entry.offset, view) ==
            ImageError::none);
    const Tile tile = map_tile(g, layout, linear, i / grid.inputs, i % grid.inputs);
    const Tile found = unpack_blob(g, layout, linear.out, i / grid.inputs, view);
    CHECK(found.cells == tile.cells);
    CHECK(found.phases.size() == tile.phases.size());
  }
}

}  // namespace

TEST_CASE("A dense matrix that grows along its outputs or its inputs is an image at every size") {
  std::mt19937 random(81);
  for (int round = 0; round < 60; ++round) {
    const MacroGeometry g = random_geometry(random);
    const MergeMode merge = round % 2 == 0 ? MergeMode::reduce : MergeMode::concat;
    const bool outputs = between(random, 0, 1) == 0;
    const int most = between(random, 1, 70), other = between(random, 1, 40);
    CAPTURE(round, g.sub_macros, g.rows, g.cols, outputs, most, other);
    const DenseImage dense(g, merge, outputs ? most : other, outputs ? other : most);
    std::vector<std::uint8_t> image(dense.bytes());
    std::vector<std::vector<std::int8_t>> lines;
    for (int length = 1; length <= most; ++length) {
      std::vector<std::int8_t>& line = lines.emplace_back();
      for (int i = 0; i < other; ++i) {
        line.push_back(static_cast<std::int8_t>(between(random, -127, 127)));
        image.at(outputs ? dense.offset(length - 1, i) : dense.offset(i, length - 1)) =
            static_cast<std::uint8_t>(line.back());
      }
      if (length != most && between(random, 0, 4) != 0) continue;
      const int out = outputs ? length : other, in = outputs ? other : length;
      const std::vector<std::uint8_t> directory = dense.directory(out, in);
      std::memcpy(image.data(), directory.data(), directory.size());
      Matrix<std::int8_t> weights(static_cast<std::size_t>(out), static_cast<std::size_t>(in));
      for (int o = 0; o < out; ++o) {
        for (int i = 0; i < in; ++i) {
          weights(static_cast<std::size_t>(o), static_cast<std::size_t>(i)) =
              outputs ? lines[static_cast<std::size_t>(o)][static_cast<std::size_t>(i)]
                      : lines[static_cast<std::size_t>(i)][static_cast<std::size_t>(o)];
        }
      }
      check_tiles(g, merge, weights, image);
    }
  }
}

TEST_CASE("The weights of an output channel in a tile lie together, the first one first") {
  MacroGeometry g;  // P = 4, R = C = 32: a tile has 128 inputs and 32 outputs
  const DenseImage reduce(g, MergeMode::reduce, 40, 300), concat(g, MergeMode::concat, 40, 300);
  CHECK(reduce.tile_inputs() == 128);
  CHECK(concat.tile_inputs() == 32);
  // Two rows of three tiles: six entries of the directory; blobs of 4096 bytes, columns of 128. Input 6 is in row 1 of
  // sub-macro 2.
  CHECK(reduce.bytes() == 6 * 16 + 6 * 4096);
  CHECK(reduce.offset(0, 0) == 96);
  CHECK(reduce.offset(1, 6) == 96 + 128 + 2 * 32 + 1);
  CHECK(reduce.offset(33, 128) == 96 + 4 * 4096 + 128);
  // One row of ten tiles of four lanes: channel 33 is column 1 of lane 1.
  CHECK(concat.offset(33, 35) == 160 + 4096 + 128 + 32 + 3);
  for (const DenseImage* image : {&reduce, &concat}) {
    const std::uint64_t first = image->offset(5, 0), last = image->offset(5, image->tile_inputs() - 1);
    CHECK(last - first == static_cast<std::uint64_t>(image->tile_inputs()) - 1);
  }
}
