#include "flow/map/image_file.h"

#include "flow/base/content_hash.h"
#include "flow/base/error.h"
#include "flow/base/parallel.h"

#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kEntryBytes = 320;  // of a linear in the header, without its name, which comes twice
constexpr const char* kFormatKey = "flexcim.image";
constexpr const char* kFormat = "1";

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

std::string record_text(std::uint64_t source_hash, std::uint64_t image_hash, std::uint64_t bytes) {
  return hash_text(source_hash) + " " + hash_text(image_hash) + " " + std::to_string(bytes);
}

}  // namespace

std::string image_file_path(const std::string& packed, const ImageSettings& settings) {
  return packed + "." + hash_text(image_source_hash(settings, PackedLinear())) + ".image";
}

ImageFileWriter::ImageFileWriter(const std::string& path, const std::vector<std::string>& names) : file_(path) {
  std::size_t bytes = kEntryBytes;
  for (const std::string& name : names) bytes += kEntryBytes + 2 * name.size();
  header_bytes_ = end_ = whole_pages(bytes);
}

void ImageFileWriter::write(const std::string& name, std::uint64_t source_hash,
                            const std::vector<std::uint8_t>& image) {
  places_.push_back({name, source_hash, content_hash(image.data(), image.size()), image.size()});
  file_.write(image.data(), image.size(), end_);
  const std::vector<std::uint8_t> rest(whole_pages(image.size()) - image.size());
  file_.write(rest.data(), rest.size(), end_ + image.size());
  end_ += image.size() + rest.size();
}

void ImageFileWriter::finish() {
  nlohmann::ordered_json header{{"__metadata__", {{kFormatKey, kFormat}}}};
  std::uint64_t offset = 0;
  for (const Place& place : places_) {
    header["__metadata__"][place.name] = record_text(place.source_hash, place.image_hash, place.bytes);
    const std::uint64_t bytes = whole_pages(place.bytes);
    header[place.name] = {{"dtype", "U8"}, {"shape", {bytes}}, {"data_offsets", {offset, offset + bytes}}};
    offset += bytes;
  }
  std::string text = header.dump();
  const std::uint64_t length = header_bytes_ - sizeof length;
  if (text.size() > length) throw std::logic_error("ImageFileWriter: other linears than were announced");
  text.resize(length, ' ');
  file_.write(&length, sizeof length, 0);
  file_.write(text.data(), text.size(), sizeof length);
  file_.finish();
}

void write_image_file(const std::string& path, const ImageSettings& settings, const std::vector<PackedLinear>& linears,
                      const ImageProgress& progress) {
  std::vector<std::string> names;
  names.reserve(linears.size());
  for (const PackedLinear& linear : linears) names.push_back(linear.name);
  ImageFileWriter writer(path, names);
  for (std::size_t i = 0; i < linears.size(); ++i) {
    writer.write(linears[i].name, image_source_hash(settings, linears[i]), weight_image(settings, linears[i]));
    linears[i].release();
    if (progress) progress(static_cast<int>(i) + 1, static_cast<int>(linears.size()));
  }
  writer.finish();
}

std::vector<MappedVector<std::uint8_t>> read_image_file(const std::string& path, const ImageSettings& settings,
                                                        const std::vector<PackedLinear>& linears,
                                                        const ImageProgress& progress) {
  const SafetensorsFile file(path);
  const auto format = file.metadata().find(kFormatKey);
  if (format == file.metadata().end() || format->second != kFormat) {
    throw InputError(path + ": is no file of weight images, or one of another version");
  }
  std::vector<MappedVector<std::uint8_t>> images(linears.size());
  std::mutex progress_mutex;
  int done = 0;
  parallel_for(0, linears.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const PackedLinear& linear = linears[i];
      const auto record = file.metadata().find(linear.name);
      if (record == file.metadata().end()) throw InputError(path + ": has no image of " + linear.name);
      const std::size_t last = record->second.rfind(' ');
      const std::uint64_t bytes = std::strtoull(record->second.c_str() + last + 1, nullptr, 10);
      const MappedVector<std::uint8_t> all = file.elements<std::uint8_t>(linear.name);
      if (last == std::string::npos || bytes > all.size()) throw InputError(path + ": is damaged: " + linear.name);
      const std::uint64_t source_hash = image_source_hash(settings, linear);
      const std::uint64_t image_hash = content_hash(all.data(), bytes);
      linear.release();
      all.release();
      if (record->second.compare(0, 16, hash_text(source_hash)) != 0) {
        throw InputError(path + ": its image of " + linear.name + " is of other weights");
      }
      if (record->second != record_text(source_hash, image_hash, bytes)) {
        throw InputError(path + ": its image of " + linear.name + " is damaged");
      }
      images[i] = all.first(bytes);
      const std::lock_guard<std::mutex> lock(progress_mutex);
      if (progress) progress(++done, static_cast<int>(linears.size()));
    }
  });
  return images;
}

}  // namespace flexcim
