#include "platform/estimate/weightless_image.h"

#include <algorithm>

namespace flexcim {

/// It has as many groups of columns as the used columns of tile (o, ·) allow.
WeightlessImage::Tile::Tile(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int at_most)
    : phases((layout.selects ? std::min({at_most, geometry.cols, out - o * layout.tile_outputs}) : 1) *
             layout.column_phases()),
      bytes(blob_bytes(geometry, layout, out, o, phases)) {}

WeightlessImage::WeightlessImage(const MacroGeometry& geometry, const TileLayout& layout, int out, int in, int phases)
    : grid_(tile_grid(layout, out, in)),
      full_(geometry, layout, out, 0, phases),
      last_(geometry, layout, out, grid_.outputs - 1, phases) {}

void WeightlessImage::write_directory(std::uint64_t begin, std::uint64_t end, std::uint8_t* to) const {
  const std::uint64_t full_tiles = static_cast<std::uint64_t>(grid_.outputs - 1) * row_blobs();
  for (std::uint64_t i = begin / kDirectoryEntryBytes; i < end / kDirectoryEntryBytes;
       ++i, to += kDirectoryEntryBytes) {
    const Tile& tile = i < full_tiles ? full_ : last_;
    const std::uint64_t offset =
        directory_bytes() + std::min(i, full_tiles) * full_.bytes + (i - std::min(i, full_tiles)) * last_.bytes;
    write_directory_entry(to, {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(tile.bytes),
                               static_cast<std::uint16_t>(tile.phases)});
  }
}

}  // namespace flexcim
