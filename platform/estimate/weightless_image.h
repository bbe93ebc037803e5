// The weight image of a layer of which only the shape is known: the sizes of its parts, and its directory as
// encode_image() makes it.
#pragma once

#include "flow/map/image.h"

#include <cstdint>

namespace flexcim {

/// The image of a layer whose tiles have `phases` phases each, as far as they have so many columns, where the layout
/// leaves that open.
class WeightlessImage {
 public:
  WeightlessImage(const MacroGeometry& geometry, const TileLayout& layout, int out, int in, int phases);

  std::uint64_t bytes() const { return directory_bytes() + all_full() + row_blobs() * last_.bytes; }
  std::uint64_t directory_bytes() const { return static_cast<std::uint64_t>(grid_.count()) * kDirectoryEntryBytes; }
  /// Of the blobs of a row of macro tiles, but for the last one.
  std::uint64_t row_bytes() const { return row_blobs() * full_.bytes; }
  std::uint64_t row_directory_bytes() const { return row_blobs() * kDirectoryEntryBytes; }
  /// Of all tiles but those of the last row.
  int phases() const { return full_.phases; }
  /// Bytes [begin, end) of the directory, both multiples of kDirectoryEntryBytes.
  void write_directory(std::uint64_t begin, std::uint64_t end, std::uint8_t* to) const;

 private:
  /// Of every tile of a row.
  struct Tile {
    Tile(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int at_most);

    int phases;
    std::uint64_t bytes;
  };

  std::uint64_t row_blobs() const { return static_cast<std::uint64_t>(grid_.inputs); }
  /// Bytes of all rows of tiles but the last.
  std::uint64_t all_full() const { return static_cast<std::uint64_t>(grid_.outputs - 1) * row_blobs() * full_.bytes; }

  TileGrid grid_;
  Tile full_, last_;  ///< in all rows of tiles but the last one, and in the last
};

}  // namespace flexcim
