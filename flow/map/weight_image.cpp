#include "flow/map/weight_image.h"

#include "flow/base/content_hash.h"
#include "flow/base/error.h"
#include "flow/map/image.h"
#include "flow/map/nearest_pattern.h"

#include <fmt/format.h>
#include <limits>

namespace flexcim {
namespace {

/// Settings as a text. Another version of the program may make other images.
std::string text_of(const ImageSettings& settings) {
  const MacroGeometry& g = settings.macro;
  std::string text = fmt::format("{} {} {} {} {} {} {} {} {} {} {}", FLEXCIM_VERSION, g.sub_macros, g.rows, g.cols,
                                 g.pairs_per_set, g.window, g.psum_depth, g.int4_per_cell, g.weight_table_bits,
                                 static_cast<int>(settings.sequencing), static_cast<int>(settings.merge));
  for (const Pattern& pattern : g.patterns) text += " " + to_string(pattern);
  return text;
}

}  // namespace

std::vector<std::uint8_t> weight_image(const ImageSettings& settings, const PackedLinear& linear) {
  const Pattern pattern = nearest_pattern(settings.macro, linear.pattern);
  const TileLayout layout =
      make_layout(settings.macro, pattern, settings.sequencing, settings.merge, linear.name, linear.weight_bits);
  std::vector<std::uint8_t> image =
      encode_image(settings.macro, layout, pattern == linear.pattern ? linear : repack(linear, pattern));
  if (image.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw InputError(fmt::format("layer {}: its weights take {} bytes of memory, more than the 4 GiB of a command",
                                 linear.name, image.size()));
  }
  return image;
}

std::uint64_t image_source_hash(const ImageSettings& settings, const PackedLinear& linear) {
  const std::string text = fmt::format("{}\n{} {} {} {}", text_of(settings), to_string(linear.pattern),
                                       linear.weight_bits, linear.out, linear.in);
  const std::uint64_t of_values =
      content_hash(linear.values.data(), linear.values.size(), content_hash(text.data(), text.size()));
  return content_hash(linear.indices.data(), linear.indices.size(), of_values);
}

}  // namespace flexcim
