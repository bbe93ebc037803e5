// The weight images of a packed model for one kind of macro, in a file that can be mapped.
//
// A safetensors file: a tensor U8 per linear, its image (flow/map/image.h) filled up to whole pages of 4 KiB, each at a
// multiple of a page from the file's start. Metadata: "flexcim.image" "1", and per linear, by its name, the hash of
// what it was made from (image_source_hash), the hash of the image, and its bytes.
#pragma once

#include "flow/base/output_file.h"
#include "flow/base/safetensors.h"
#include "flow/map/weight_image.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace flexcim {

/// "PACKED.KEY.image": a packed model has a file for each of the settings, by their hash.
std::string image_file_path(const std::string& packed, const ImageSettings& settings);

/// Writes image after image; the file is whole or not there. Throws std::system_error naming it where it cannot be
/// written.
class ImageFileWriter {
 public:
  /// `names`: of all linears that will follow.
  ImageFileWriter(const std::string& path, const std::vector<std::string>& names);
  void write(const std::string& name, std::uint64_t source_hash, const std::vector<std::uint8_t>& image);
  void finish();

 private:
  struct Place {
    std::string name;
    std::uint64_t source_hash = 0, image_hash = 0;
    std::uint64_t bytes = 0;  ///< without what fills the last page
  };

  OutputFile file_;
  std::uint64_t header_bytes_ = 0;  ///< with its length: whole pages
  std::uint64_t end_ = 0;           ///< of what is written
  std::vector<Place> places_;
};

/// Called after each of a number of steps.
using ImageProgress = std::function<void(int done, int all)>;

/// Makes and writes the images of all linears, one in memory at a time; mapped entries are given back to the system.
/// Throws as weight_image and ImageFileWriter do.
void write_image_file(const std::string& path, const ImageSettings& settings, const std::vector<PackedLinear>& linears,
                      const ImageProgress& progress = {});

/// The images of these linears, in their order, mapped. Each is compared with the hashes of its linear and of its
/// bytes, by all processors. Throws InputError naming the file, and the linear where it lacks one, it is of other
/// weights or another version of the program, or its bytes have changed.
std::vector<MappedVector<std::uint8_t>> read_image_file(const std::string& path, const ImageSettings& settings,
                                                        const std::vector<PackedLinear>& linears,
                                                        const ImageProgress& progress = {});

}  // namespace flexcim
