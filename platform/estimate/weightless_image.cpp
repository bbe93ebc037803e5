#include "platform/estimate/weightless_image.h"

#include <algorithm>

namespace flexcim {
namespace {

/// As many as the used columns of tile (o, ·) allow.
int phases_in_row(const MacroGeometry& geometry, const TileLayout& layout, int out, int o, int phases) {
  return layout.selects ? std::min({phases, geometry.cols, out - o * layout.tile_outputs}) : layout.scan_phases;
}

}  // namespace

ImagePlan::ImagePlan(const MacroGeometry& geometry, const TileLayout& layout, int out, int in, int phases)
    : grid(tile_grid(layout, out, in)),
      full_phases(phases_in_row(geometry, layout, out, 0, phases)),
      last_phases(phases_in_row(geometry, layout, out, grid.outputs - 1, phases)),
      full_bytes(blob_bytes(geometry, layout, out, 0, full_phases)),
      last_bytes(blob_bytes(geometry, layout, out, grid.outputs - 1, last_phases)),
      directory_bytes(static_cast<std::uint64_t>(grid.outputs) * static_cast<std::uint64_t>(grid.inputs) *
                      kDirectoryEntryBytes),
      blobs_begin(directory_bytes) {}

WeightlessImage::WeightlessImage(const MacroGeometry& geometry, const TileLayout& layout, int out,
                                 const ImagePlan& plan, std::uint64_t run)
    : plan_(plan), directory_(plan.directory_bytes) {
  const int last = plan.grid.outputs - 1;
  std::uint64_t offset = plan.blobs_begin;
  std::uint8_t* entry = directory_.data();
  for (int o = 0; o <= last; ++o) {
    const auto bytes = static_cast<std::uint32_t>(o < last ? plan.full_bytes : plan.last_bytes);
    const auto phases = static_cast<std::uint16_t>(o < last ? plan.full_phases : plan.last_phases);
    for (int k = 0; k < plan.grid.inputs; ++k, entry += kDirectoryEntryBytes, offset += bytes) {
      write_directory_entry(entry, {static_cast<std::uint32_t>(offset), bytes, phases});
    }
  }

  const std::uint64_t full_count = (std::min(run, plan.all_full()) + plan.full_bytes - 1) / plan.full_bytes;
  const std::uint64_t last_count = std::min(plan.row_blobs(), run / plan.last_bytes + 1);
  last_in_blobs_ = full_count * plan.full_bytes;
  blobs_.resize(last_in_blobs_ + last_count * plan.last_bytes);
  const auto fill = [&](std::uint64_t begin, std::uint64_t count, int o, int phases) {
    if (phases == 1 || !layout.selects) return;  // nothing but zeros
    const std::vector<std::uint8_t> blob = empty_blob(geometry, layout, out, o, phases);
    for (; count > 0; --count, begin += blob.size()) std::copy(blob.begin(), blob.end(), &blobs_[begin]);
  };
  fill(0, full_count, 0, plan.full_phases);
  fill(last_in_blobs_, last_count, last, plan.last_phases);
}

const std::uint8_t* WeightlessImage::blobs(std::uint64_t offset, std::uint64_t bytes) const {
  const std::uint64_t last_begin = plan_.blobs_begin + plan_.all_full();
  if (offset < plan_.blobs_begin) return nullptr;
  // Those of the last row lie behind as many full ones as are asked for with them.
  const std::uint64_t full = offset < last_begin ? std::min(bytes, last_begin - offset) : 0;
  if (full > last_in_blobs_ || last_in_blobs_ - full + bytes > blobs_.size()) return nullptr;
  return blobs_.data() + (last_in_blobs_ - full);
}

}  // namespace flexcim
