// A layer's weights as they lie in DRAM: a directory of macro tiles, then one blob per tile.
//
// Directory: tile_grid().count() entries of kDirectoryEntryBytes, tile (o, k) at o * inputs + k, little endian:
//   u32 offset of the blob from the image's start, a multiple of kBlobAlignment
//   u32 bytes of the blob, a multiple of kBlobAlignment
//   u16 phases S, u16 reserved (0), u32 reserved (0)
// Blob: planes one after the other, each padded to a whole byte, fields least significant bit first:
//   weights   8 bits              [column used][active sub-macro][row], two int4 ones: the first in the low half
//             with layout.table_bits: tables of int8 [column used][2^table_bits], then indices of table_bits each
//   metadata  layout.metadata_bits, same order, [weight of the cell]
//   bases     layout.select_bits  [phase][active sub-macro][row]     (none where select_bits is 0)
//   columns   1 bit               [phase][lane][C], of phases that come in twos one
//                                                  (only where S > layout.cell_weights and there are selects)
// M and w are powers of two and every field is exactly as wide as its range: no index or base can be out of range.
// Columns used are the first min(C, channels left). Without column masks every used column is in every phase.
#pragma once

#include "flow/map/events.h"
#include "flow/map/tile.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

constexpr std::size_t kDirectoryEntryBytes = 16;
constexpr std::size_t kBlobAlignment = 16;

struct DirectoryEntry {
  std::uint32_t offset = 0;
  std::uint32_t bytes = 0;
  std::uint16_t phases = 0;
};
inline DirectoryEntry read_directory_entry(const std::uint8_t* bytes) {
  const auto word = [bytes](std::size_t at) {
    return bytes[at] | std::uint32_t{bytes[at + 1]} << 8 | std::uint32_t{bytes[at + 2]} << 16 |
           std::uint32_t{bytes[at + 3]} << 24;
  };
  return {word(0), word(4), static_cast<std::uint16_t>(bytes[8] | bytes[9] << 8)};
}

void write_directory_entry(std::uint8_t* bytes, const DirectoryEntry& entry);

/// What can be wrong with a blob that came from memory; codes of the accelerator's error register (architecture.md §7).
enum class ImageError { none, size, least_weight, column_mask };

/// The bytes of a blob for tile (o, ·) of a layer with `out` channels and S phases, padding included.
std::size_t blob_bytes(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int phases);

/// The whole image of a layer; all processors work on it. Throws std::logic_error for a layout with tables: nobody has
/// quantized weights for them.
std::vector<std::uint8_t> encode_image(const MacroGeometry& geometry, const TileLayout& layout,
                                       const PackedLinear& linear);

/// Whether a tile (o, ·) of the layer can have as many phases and bytes as its directory entry says: none or size.
ImageError check_entry(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                       const DirectoryEntry& entry);

/// A blob where it lies: its planes, not unpacked. Valid as long as the blob's bytes. With tables `weights` is where
/// these begin, and nothing here can look weights up.
struct BlobView {
  const std::uint8_t* weights = nullptr;
  const std::uint8_t* metadata = nullptr;
  const std::uint8_t* bases = nullptr;
  const std::uint8_t* columns = nullptr;  ///< null where every used column is in every phase
  std::uint32_t bytes = 0;                ///< of all planes
  int columns_used = 0;
  int phases = 0;

  /// The same blob where it has been copied to.
  void move(const std::uint8_t* to) {
    metadata = to + (metadata - weights);
    bases = to + (bases - weights);
    if (columns != nullptr) columns = to + (columns - weights);
    weights = to;
  }
  /// Whether phase `phase` selects column c (of those used by the lane) of the lane.
  bool selects(const MacroGeometry& geometry, const TileLayout& layout, int phase, int lane, int c) const;
};

/// Where the planes of a blob lie whose entry check_entry() has accepted; its bytes are not looked at.
BlobView find_planes(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                     const DirectoryEntry& entry, const std::uint8_t* blob);

/// Whether cells can hold what such a blob says: none, least_weight or column_mask.
ImageError check_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view);

/// Both, and check_entry() before; `view` is unspecified unless the result is none.
ImageError view_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                     const DirectoryEntry& entry, const std::uint8_t* blob, BlobView& view);

/// The tile that a blob holds.
Tile unpack_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view);

/// Field `index` of a plane of fields of `bits` bits, 0..8.
inline unsigned plane_field(const std::uint8_t* plane, std::size_t index, int bits) {
  const std::size_t bit = index * static_cast<std::size_t>(bits);
  const unsigned shift = bit % 8;
  unsigned value = bits == 0 ? 0u : plane[bit / 8];
  if (static_cast<int>(shift) + bits > 8) value |= static_cast<unsigned>(plane[bit / 8 + 1]) << 8;
  return value >> shift & ((1u << bits) - 1);
}

/// Adds one pass of the tile (o, ·) that the blob holds; its macro_events are the pass_events of the decoded tile.
void add_pass(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view,
              MacroTally& tally);

/// The same for a tile of which only the phases are known. Where each phase serves some of the columns, those used are
/// spread evenly over the phases, over those that come in twos together.
void add_spread_pass(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int phases,
                     MacroTally& tally);

}  // namespace flexcim
