#include "flow/base/safetensors_writer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flexcim {
namespace {

std::uint64_t bytes_of(const TensorDeclaration& tensor) {
  std::uint64_t bytes = size_of(tensor.dtype);
  for (const std::size_t extent : tensor.shape) bytes *= extent;
  return bytes;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::string& path, const std::vector<TensorDeclaration>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : file_(path) {
  std::vector<TensorDeclaration> order = tensors;
  std::sort(order.begin(), order.end(), [](const TensorDeclaration& a, const TensorDeclaration& b) {
    return size_of(a.dtype) != size_of(b.dtype) ? size_of(a.dtype) > size_of(b.dtype) : a.name < b.name;
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const TensorDeclaration& tensor : order) {
    const std::uint64_t end = offset + bytes_of(tensor);
    if (!places_.insert({tensor.name, {tensor.dtype, offset, end}}).second || tensor.name == "__metadata__") {
      throw std::logic_error("SafetensorsWriter: tensor " + tensor.name + " is declared twice or has a reserved name");
    }
    header[tensor.name] = {
        {"dtype", to_string(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  // Metadata may hold bytes that are no UTF-8: they become replacement characters.
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  for (auto& place : places_) {
    place.second.next += 8 + text.size();
    place.second.end += 8 + text.size();
  }

  const std::uint64_t length = text.size();
  file_.write(&length, sizeof length, 0);
  file_.write(text.data(), text.size(), sizeof length);
}

void SafetensorsWriter::check_dtype(const std::string& name, Dtype type) const {
  const auto place = places_.find(name);
  if (place == places_.end() || place->second.dtype != type) {
    throw std::logic_error("SafetensorsWriter: tensor " + name + " is not declared with this type");
  }
}

void SafetensorsWriter::write(const std::string& name, const void* data, std::size_t bytes) {
  const auto place = places_.find(name);
  if (place == places_.end() || bytes > place->second.end - place->second.next) {
    throw std::logic_error("SafetensorsWriter: tensor " + name + " is not declared or already complete");
  }
  file_.write(data, bytes, place->second.next);
  place->second.next += bytes;
}

void SafetensorsWriter::finish() {
  for (const auto& place : places_) {
    if (place.second.next != place.second.end) {
      throw std::logic_error("SafetensorsWriter: tensor " + place.first + " is incomplete");
    }
  }
  file_.finish();
}

}  // namespace flexcim
