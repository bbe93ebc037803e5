#include "platform/workload/cached_images.h"

#include "flow/base/error.h"
#include "flow/map/image_file.h"
#include "flow/pack/choose_patterns.h"
#include "platform/workload/progress_bar.h"

#include <filesystem>
#include <fmt/format.h>

namespace flexcim {
namespace {

/// Throws std::system_error where the file cannot be written.
void write(const std::string& path, const ImageSettings& settings, const std::vector<PackedLinear>& linears) {
  write_image_file(path, settings, linears, progress_bar("encoding"));
  fmt::print(stderr, "weights encoded: {}, {:.1f} MB; the next run maps it\n", path,
             static_cast<double>(std::filesystem::file_size(path)) / 1e6);
}

bool is_not_for_us(const std::error_code& error) {
  return error == std::errc::permission_denied || error == std::errc::read_only_file_system ||
         error == std::errc::device_or_resource_busy;
}

}  // namespace

void make_image_file(const std::string& packed, const ImageSettings& settings,
                     const std::vector<PackedLinear>& linears) {
  try {
    write(image_file_path(packed, settings), settings, linears);
  } catch (const std::system_error& error) {
    throw InputError(error.what());
  }
}

std::vector<MappedVector<std::uint8_t>> cached_images(const std::string& packed, const ImageSettings& settings,
                                                      const LanguageModel& model,
                                                      const std::vector<PackedLinear>& linears, bool whole) {
  const std::string path = image_file_path(packed, settings);
  std::error_code missing;
  const bool there = std::filesystem::exists(path, missing);
  if (!there && !(whole && is_large(model))) return {};
  const auto read = [&] { return read_image_file(path, settings, linears, progress_bar("checking images")); };
  if (there) {
    try {
      return read();
    } catch (const InputError& error) {
      fmt::print(stderr, "{}; {}\n", error.what(), whole ? "it is made anew" : "weights are encoded without it");
      if (!whole) return {};
    }
  }
  try {
    write(path, settings, linears);
  } catch (const std::system_error& error) {
    if (!is_not_for_us(error.code())) throw InputError(error.what());
    fmt::print(stderr, "{}; weights are encoded for this run alone\n", error.what());
    return {};
  }
  return read();
}

}  // namespace flexcim
