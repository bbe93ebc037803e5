#include "flow/map/image.h"

#include "flow/base/parallel.h"
#include "flow/base/simd.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace flexcim {
namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + kBlobAlignment - 1) / kBlobAlignment * kBlobAlignment; }
std::size_t plane_bytes(std::size_t fields, int bits) { return (fields * bits + 7) / 8; }

/// Where the planes of a blob lie; the one description that encoder, decoder and size share.
struct BlobPlan {
  int columns_used;
  std::size_t cell_count;
  std::size_t weight_bytes;
  std::size_t table_bytes;  ///< at the beginning of those
  std::size_t metadata_count;
  std::size_t base_count;
  std::size_t mask_count;  ///< 0 where every used column is in every phase

  BlobPlan(const MacroGeometry& g, const TileLayout& layout, int out, int o, int phases) {
    columns_used = std::min(g.cols, out - o * layout.tile_outputs);
    cell_count = static_cast<std::size_t>(columns_used) * layout.active_sub_macros() * g.rows;
    table_bytes = layout.table_bits == 0 ? 0 : static_cast<std::size_t>(columns_used) << layout.table_bits;
    weight_bytes = layout.table_bits == 0 ? cell_count : table_bytes + plane_bytes(cell_count, layout.table_bits);
    metadata_count = cell_count * layout.cell_weights;
    base_count = layout.selects ? static_cast<std::size_t>(phases) * layout.active_sub_macros() * g.rows : 0;
    const int groups = phases / layout.cell_weights;
    mask_count = layout.selects && groups > 1 ? static_cast<std::size_t>(groups) * layout.lanes * g.cols : 0;
  }

  std::size_t masks_begin(const TileLayout& layout) const {
    return weight_bytes + plane_bytes(metadata_count, layout.metadata_bits) +
           plane_bytes(base_count, layout.select_bits);
  }
  std::size_t bytes(const TileLayout& layout) const {
    return aligned(masks_begin(layout) + plane_bytes(mask_count, 1));
  }
};

/// Writes fields least significant bit first; a plane ends at a whole byte.
class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* bytes) : bytes_(bytes) {}
  void put(unsigned value, int bits) {
    for (int i = 0; i < bits; ++i, ++at_)
      bytes_[at_ / 8] = static_cast<std::uint8_t>(bytes_[at_ / 8] | (value >> i & 1u) << (at_ % 8));
  }
  void end_plane() { at_ = (at_ + 7) / 8 * 8; }

 private:
  std::uint8_t* bytes_;
  std::size_t at_ = 0;
};

class BitReader {
 public:
  explicit BitReader(const std::uint8_t* bytes) : bytes_(bytes) {}
  unsigned get(int bits) {
    unsigned value = 0;
    for (int i = 0; i < bits; ++i, ++at_) value |= static_cast<unsigned>(bytes_[at_ / 8] >> (at_ % 8) & 1) << i;
    return value;
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t at_ = 0;
};

void store(std::uint8_t* bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// Visits the cells of the columns used, in the image's order.
template <class Visit>
void for_each_cell(const MacroGeometry& g, const TileLayout& layout, int columns_used, Visit visit) {
  for (int c = 0; c < columns_used; ++c) {
    for (int p = 0; p < layout.active_sub_macros(); ++p) {
      for (int r = 0; r < g.rows; ++r) visit(c, p, r);
    }
  }
}

void encode_blob(const MacroGeometry& g, const TileLayout& layout, const BlobPlan& plan, const Tile& tile,
                 std::uint8_t* blob) {
  std::uint8_t* weight = blob;
  BitWriter bits(blob + plan.cell_count);
  for_each_cell(g, layout, plan.columns_used, [&](int c, int p, int r) {
    const CellWord& word = tile.cells[tile.cell(g, c, p, r)];
    *weight++ = static_cast<std::uint8_t>(word.weight);
    for (int i = 0; i < layout.cell_weights; ++i) bits.put(word.metadata >> (4 * i), layout.metadata_bits);
  });
  bits.end_plane();
  if (plan.base_count != 0) {
    const std::size_t per_phase = plan.base_count / tile.phases.size();
    for (const Phase& phase : tile.phases) {
      for (std::size_t i = 0; i < per_phase; ++i) bits.put(phase.bases[i], layout.select_bits);
    }
    bits.end_plane();
  }
  if (plan.mask_count != 0) {
    for (std::size_t s = 0; s < tile.phases.size(); s += static_cast<std::size_t>(layout.cell_weights)) {
      for (const ColumnMask& mask : tile.phases[s].columns) {
        for (int c = 0; c < g.cols; ++c) bits.put(mask.test(c) ? 1 : 0, 1);
      }
    }
  }
}

/// Whether an entry has as many phases as the layout allows and, with so many, as many bytes as its blob's `plan`.
bool fits(const MacroGeometry& g, const TileLayout& layout, const BlobPlan& plan, const DirectoryEntry& entry) {
  const int least = layout.column_phases(), most = layout.selects ? g.cols * least : least;
  return entry.phases >= least && entry.phases <= most && entry.phases % layout.cell_weights == 0 &&
         entry.bytes == plan.bytes(layout);
}

constexpr std::size_t kCheckedWords = 64;    ///< of 8 bytes, at a time
constexpr std::size_t kFetchedAhead = 4096;  ///< bytes: blobs follow each other in memory

/// Whether one of `count` bytes is 0x80. They come from far away, and those behind them are wanted next.
FLEXCIM_SIMD_LOOPS bool has_0x80_loops(const std::uint8_t* bytes, std::size_t count) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  std::uint64_t found = 0;
  const std::uint8_t* const end = bytes + count;
  for (; static_cast<std::size_t>(end - bytes) >= 8 * kCheckedWords; bytes += 8 * kCheckedWords) {
    for (std::size_t i = 0; i < 8 * kCheckedWords; i += 64) __builtin_prefetch(bytes + kFetchedAhead + i);
    for (std::size_t i = 0; i < kCheckedWords; ++i) {
      std::uint64_t word;
      std::memcpy(&word, bytes + 8 * i, sizeof word);
      word ^= kHighs;
      found |= (word - kOnes) & ~word;  // the highest bit of a byte that is 0, and perhaps of one above it
    }
  }
  return (found & kHighs) != 0 || std::memchr(bytes, 0x80, static_cast<std::size_t>(end - bytes)) != nullptr;
}
constexpr auto has_0x80 = simd_kernel<has_0x80_loops>;

/// Whether a weight is the least one of its bits, which has no positive counterpart: -128, or -8 of two int4 ones.
bool has_least_weight(const TileLayout& layout, const std::uint8_t* weights, std::size_t bytes) {
  if (layout.cell_weights == 1) return has_0x80(weights, bytes);
  return std::any_of(weights, weights + bytes,
                     [](std::uint8_t byte) { return (byte & 0x0F) == 0x08 || (byte & 0xF0) == 0x80; });
}

/// How many columns of a lane belong to the matrix.
int outputs_in_lane(const MacroGeometry& g, const TileLayout& layout, int out, int o, int lane) {
  return std::clamp(out - o * layout.tile_outputs - lane * g.cols, 0, g.cols);
}

/// Adds a pass of tile (o, ·) to all but the first phase's outputs. Returns its outputs.
std::uint64_t add_phases(const TileLayout& layout, int out, int o, int phases, MacroTally& tally) {
  const auto outputs = static_cast<std::uint64_t>(std::min(layout.tile_outputs, out - o * layout.tile_outputs));
  tally.passes += 1;
  tally.phases += static_cast<std::uint64_t>(phases);
  tally.outputs += outputs;
  return outputs;
}

}  // namespace

void write_directory_entry(std::uint8_t* bytes, const DirectoryEntry& entry) {
  store(bytes, entry.offset, 4);
  store(bytes + 4, entry.bytes, 4);
  store(bytes + 8, entry.phases, 2);
}

std::size_t blob_bytes(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int phases) {
  return BlobPlan(geometry, layout, out, o, phases).bytes(layout);
}

std::vector<std::uint8_t> encode_image(const MacroGeometry& geometry, const TileLayout& layout,
                                       const PackedLinear& linear) {
  if (layout.table_bits != 0) throw std::logic_error("encode_image: weights are not quantized for tables");
  const TileGrid grid = tile_grid(layout, linear.out, linear.in);
  struct Blob {
    std::vector<std::uint8_t> bytes;
    std::size_t phases = 0;
  };
  std::vector<Blob> blobs(static_cast<std::size_t>(grid.count()));
  const auto encode = [&](std::size_t i) {
    const int o = static_cast<int>(i) / grid.inputs, k = static_cast<int>(i) % grid.inputs;
    const Tile tile = map_tile(geometry, layout, linear, o, k);
    const BlobPlan plan(geometry, layout, linear.out, o, static_cast<int>(tile.phases.size()));
    blobs[i].bytes.resize(plan.bytes(layout));
    blobs[i].phases = tile.phases.size();
    encode_blob(geometry, layout, plan, tile, blobs[i].bytes.data());
  };
  constexpr std::size_t kTilesPerPiece = 16;
  parallel_for(0, blobs.size(), kTilesPerPiece, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) encode(i);
  });

  std::size_t bytes = blobs.size() * kDirectoryEntryBytes;
  for (const Blob& blob : blobs) bytes += blob.bytes.size();
  std::vector<std::uint8_t> image(bytes);
  std::uint8_t* entry = image.data();
  std::size_t offset = blobs.size() * kDirectoryEntryBytes;
  for (const Blob& blob : blobs) {
    write_directory_entry(entry, {static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(blob.bytes.size()),
                                  static_cast<std::uint16_t>(blob.phases)});
    std::copy(blob.bytes.begin(), blob.bytes.end(), image.begin() + static_cast<std::ptrdiff_t>(offset));
    entry += kDirectoryEntryBytes;
    offset += blob.bytes.size();
  }
  return image;
}

bool BlobView::selects(const MacroGeometry& geometry, const TileLayout& layout, int phase, int lane, int c) const {
  if (columns == nullptr) return true;
  const std::size_t group = static_cast<std::size_t>(phase / layout.cell_weights);
  const std::size_t bit = (group * layout.lanes + lane) * geometry.cols + c;
  return (columns[bit / 8] >> (bit % 8) & 1) != 0;
}

ImageError check_entry(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                       const DirectoryEntry& entry) {
  return fits(geometry, layout, BlobPlan(geometry, layout, out, o, entry.phases), entry) ? ImageError::none
                                                                                         : ImageError::size;
}

BlobView find_planes(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                     const DirectoryEntry& entry, const std::uint8_t* blob) {
  const BlobPlan plan(geometry, layout, out, o, entry.phases);
  BlobView view;
  view.bytes = entry.bytes;
  view.columns_used = plan.columns_used;
  view.phases = entry.phases;
  view.weights = blob;
  view.metadata = blob + plan.weight_bytes;
  view.bases = view.metadata + plane_bytes(plan.metadata_count, layout.metadata_bits);
  view.columns = plan.mask_count == 0 ? nullptr : blob + plan.masks_begin(layout);
  return view;
}

ImageError check_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view) {
  const auto weights = layout.table_bits == 0 ? static_cast<std::size_t>(view.metadata - view.weights)
                                              : static_cast<std::size_t>(view.columns_used) << layout.table_bits;
  if (has_least_weight(layout, view.weights, weights)) return ImageError::least_weight;
  // Fetches the other planes, which are needed soon, and keeps the stream of blobs one without gaps: at a gap the
  // processor would take it for ended.
  for (const std::uint8_t* line = view.metadata; line < view.weights + view.bytes; line += 64) __builtin_prefetch(line);
  // Every used column is in exactly one group of columns, and no other column in any: twice would count its products
  // twice.
  for (int lane = 0; lane < layout.lanes && view.columns != nullptr; ++lane) {
    const int used = outputs_in_lane(geometry, layout, out, o, lane);
    for (int c = 0; c < geometry.cols; ++c) {
      int phases = 0;
      for (int s = 0; s < view.phases; s += layout.cell_weights)
        phases += view.selects(geometry, layout, s, lane, c) ? 1 : 0;
      if (phases != (c < used ? 1 : 0)) return ImageError::column_mask;
    }
  }
  return ImageError::none;
}

ImageError view_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o,
                     const DirectoryEntry& entry, const std::uint8_t* blob, BlobView& view) {
  const ImageError error = check_entry(geometry, layout, out, o, entry);
  if (error != ImageError::none) return error;
  view = find_planes(geometry, layout, out, o, entry, blob);
  return check_blob(geometry, layout, out, o, view);
}

Tile unpack_blob(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view) {
  const BlobPlan plan(geometry, layout, out, o, view.phases);
  Tile tile;
  tile.cells.assign(static_cast<std::size_t>(geometry.cells()), CellWord{});
  const std::uint8_t* weight = view.weights;
  BitReader metadata(view.metadata), bases(view.bases);
  for_each_cell(geometry, layout, plan.columns_used, [&](int c, int p, int r) {
    unsigned bits = metadata.get(layout.metadata_bits);
    if (layout.cell_weights == 2) bits |= metadata.get(layout.metadata_bits) << 4;
    tile.cells[tile.cell(geometry, c, p, r)] = {static_cast<std::int8_t>(*weight++), static_cast<std::uint8_t>(bits)};
  });
  tile.phases.assign(static_cast<std::size_t>(view.phases), Phase{});
  for (int s = 0; s < view.phases; ++s) {
    Phase& phase = tile.phases[s];
    phase.bases.assign(static_cast<std::size_t>(geometry.sub_macros) * geometry.rows,
                       static_cast<std::uint8_t>(layout.selects ? 0 : s / layout.cell_weights * layout.window));
    for (std::size_t i = 0; plan.base_count != 0 && i < plan.base_count / view.phases; ++i) {
      phase.bases[i] = static_cast<std::uint8_t>(bases.get(layout.select_bits));
    }
    phase.columns.resize(layout.lanes);
    for (int lane = 0; lane < layout.lanes; ++lane) {
      const int used = outputs_in_lane(geometry, layout, out, o, lane);
      for (int c = 0; c < used; ++c) phase.columns[lane].set(c, view.selects(geometry, layout, s, lane, c));
    }
  }
  return tile;
}

void add_pass(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, const BlobView& view,
              MacroTally& tally) {
  const std::uint64_t outputs = add_phases(layout, out, o, view.phases, tally);
  if (view.columns == nullptr) {
    tally.first_outputs += outputs;
    return;
  }
  for (int lane = 0; lane < layout.lanes; ++lane) {
    const int used = outputs_in_lane(geometry, layout, out, o, lane);
    for (int c = 0; c < used; ++c) tally.first_outputs += view.selects(geometry, layout, 0, lane, c) ? 1 : 0;
  }
}

void add_spread_pass(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int phases,
                     MacroTally& tally) {
  const std::uint64_t outputs = add_phases(layout, out, o, phases, tally);
  if (!layout.selects) {
    tally.first_outputs += outputs;
    return;
  }
  const int groups = phases / layout.cell_weights;
  for (int lane = 0; lane < layout.lanes; ++lane) {
    tally.first_outputs +=
        static_cast<std::uint64_t>((outputs_in_lane(geometry, layout, out, o, lane) + groups - 1) / groups);
  }
}

}  // namespace flexcim
