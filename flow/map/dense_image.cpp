#include "flow/map/dense_image.h"

#include "flow/map/image.h"
#include "flow/map/tile.h"

#include <algorithm>

namespace flexcim {

DenseImage::DenseImage(const MacroGeometry& geometry, MergeMode merge, int out, int in)
    : geometry_(geometry),
      layout_(make_layout(geometry, Pattern{}, Sequencing::grouped, merge, "a matrix that grows")),
      out_(out) {
  const TileGrid grid = tile_grid(layout_, out, in);
  grid_inputs_ = grid.inputs;
  tiles_ = grid.count();
  directory_bytes_ = static_cast<std::uint64_t>(tiles_) * kDirectoryEntryBytes;
  blob_bytes_ = flexcim::blob_bytes(geometry_, layout_, out_, 0, layout_.column_phases());
}

std::vector<std::uint8_t> DenseImage::directory(int out, int in) const {
  const TileGrid grid = tile_grid(layout_, out, in);
  std::vector<std::uint8_t> directory(static_cast<std::size_t>(grid.count()) * kDirectoryEntryBytes);
  for (int o = 0; o < grid.outputs; ++o) {
    const auto bytes = flexcim::blob_bytes(geometry_, layout_, out, o, layout_.column_phases());
    for (int k = 0; k < grid.inputs; ++k) {
      const std::uint64_t blob =
          static_cast<std::uint64_t>(o) * static_cast<std::uint64_t>(grid_inputs_) + static_cast<std::uint64_t>(k);
      const std::size_t at =
          (static_cast<std::size_t>(o) * static_cast<std::size_t>(grid.inputs) + static_cast<std::size_t>(k)) *
          kDirectoryEntryBytes;
      write_directory_entry(&directory[at],
                            {static_cast<std::uint32_t>(directory_bytes_ + blob * blob_bytes_),
                             static_cast<std::uint32_t>(bytes), static_cast<std::uint16_t>(layout_.column_phases())});
    }
  }
  return directory;
}

/// As map_tile() places dense weights, and encode_image() orders cells.
std::uint64_t DenseImage::offset(int o, int i) const {
  const int column = o % layout_.tile_outputs, input = i % layout_.tile_inputs;
  const int lane = column / geometry_.cols;
  const int sub_macro = lane * layout_.blocks_per_row + input % layout_.blocks_per_row;
  const int row = input / layout_.blocks_per_row;
  const auto wide = [](int number) { return static_cast<std::uint64_t>(number); };
  const std::uint64_t blob = wide(o / layout_.tile_outputs) * wide(grid_inputs_) + wide(i / layout_.tile_inputs);
  const std::uint64_t before = wide(column % geometry_.cols) * wide(layout_.active_sub_macros()) + wide(sub_macro);
  return directory_bytes_ + blob * blob_bytes_ + before * wide(geometry_.rows) + wide(row);
}

}  // namespace flexcim
