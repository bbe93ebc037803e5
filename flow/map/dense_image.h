// The image (image.h) of a dense int8 matrix that grows: places are fixed for its largest size.
#pragma once

#include "flow/map/geometry.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// A directory with room for all tiles, then a blob of the largest size for each. A smaller matrix of which weight
/// (o, i) is the same has it in the same place; only its directory is another.
class DenseImage {
 public:
  /// For up to `out` x `in` weights. Throws InputError where the macro holds no dense weights.
  DenseImage(const MacroGeometry& geometry, MergeMode merge, int out, int in);

  std::uint64_t bytes() const { return directory_bytes_ + static_cast<std::uint64_t>(tiles_) * blob_bytes_; }
  /// Of a matrix of `out` x `in`, up to the largest.
  std::vector<std::uint8_t> directory(int out, int in) const;
  /// Where weight (o, i) lies, from the image's first byte on. The weights of an output channel in one tile, which are
  /// those of tile_inputs() inputs, lie in as many bytes, the first one first.
  std::uint64_t offset(int o, int i) const;
  int tile_inputs() const { return layout_.tile_inputs; }

 private:
  const MacroGeometry geometry_;
  const TileLayout layout_;
  const int out_;
  int grid_inputs_ = 0;
  int tiles_ = 0;
  std::uint64_t directory_bytes_ = 0, blob_bytes_ = 0;
};

}  // namespace flexcim
