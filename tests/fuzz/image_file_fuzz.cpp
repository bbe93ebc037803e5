// The file that keeps the weight images of a packed model: its header and data, for two linears.
#include "flow/map/image_file.h"
#include "tests/flow/random_linear.h"
#include "tests/fuzz/target.h"
#include "tests/platform/temp_folder.h"

using namespace flexcim;

namespace {

std::vector<PackedLinear> two_linears() {
  std::mt19937 random(1);
  std::vector<PackedLinear> linears{test::random_linear(random, {2, 4}, 8, 24, 1),
                                    test::random_linear(random, {}, 5, 16)};
  linears[0].name = "a.q";
  linears[1].name = "a.k";
  return linears;
}

ImageSettings small_macro() {
  ImageSettings settings;
  settings.macro.rows = settings.macro.cols = 4;
  return settings;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  static const std::vector<PackedLinear> linears = two_linears();
  const std::string path = folder.write("x.image", fuzz::safetensors_of(fuzz::text_of(data, size)));
  fuzz::takes(path, [&] {
    for (const MappedVector<std::uint8_t>& image : read_image_file(path, small_macro(), linears)) {
      if (image.size() == 0) fuzz::finding("an image without bytes");
    }
  });
  return 0;
}
