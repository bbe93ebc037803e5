// The weight image of a layer of which only the shape is known: a directory as encode_image() makes it, and blobs of
// zeros that the loop nest accepts.
#pragma once

#include "flow/map/image.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexcim {

/// Sizes of the image of a layer whose tiles have `phases` phases each, as far as they have so many columns, where the
/// layout leaves that open.
struct ImagePlan {
  ImagePlan(const MacroGeometry& geometry, const TileLayout& layout, int out, int in, int phases);

  TileGrid grid;
  int full_phases, last_phases;          ///< in all rows of tiles but the last one, and in the last
  std::uint64_t full_bytes, last_bytes;  ///< likewise, of a blob
  std::uint64_t directory_bytes;
  std::uint64_t blobs_begin;  ///< in the image: behind the directory, unless it is moved back

  std::uint64_t row_blobs() const { return static_cast<std::uint64_t>(grid.inputs); }
  /// Bytes of all rows of tiles but the last.
  std::uint64_t all_full() const { return static_cast<std::uint64_t>(grid.outputs - 1) * row_blobs() * full_bytes; }
  std::uint64_t bytes() const { return blobs_begin + all_full() + row_blobs() * last_bytes; }
};

class WeightlessImage {
 public:
  /// `run`: the most bytes of blobs that blobs() is asked for.
  WeightlessImage(const MacroGeometry& geometry, const TileLayout& layout, int out, const ImagePlan& plan,
                  std::uint64_t run);

  std::uint64_t bytes() const { return plan_.bytes(); }
  const std::vector<std::uint8_t>& directory() const { return directory_; }
  /// Blobs that follow each other, the first of them at `offset` of the image; null where that is none or they are more
  /// than `run`.
  const std::uint8_t* blobs(std::uint64_t offset, std::uint64_t bytes) const;

 private:
  const ImagePlan plan_;
  std::vector<std::uint8_t> directory_;
  std::vector<std::uint8_t> blobs_;  ///< full ones, then those of the last row
  std::uint64_t last_in_blobs_ = 0;  ///< where the latter begin
};

}  // namespace flexcim
