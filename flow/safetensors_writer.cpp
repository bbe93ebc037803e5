#include "flow/safetensors_writer.h"

#include "flow/error.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <unistd.h>

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
    : path_(path), partial_(path + ".partial") {
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
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  for (auto& place : places_) {
    place.second.next += 8 + text.size();
    place.second.end += 8 + text.size();
  }

  file_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) throw InputError(path_ + ": cannot be written: " + std::strerror(errno));
  const std::uint64_t length = text.size();
  put(&length, sizeof length, 0);
  put(text.data(), text.size(), sizeof length);
}

SafetensorsWriter::~SafetensorsWriter() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(partial_.c_str());
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
  put(data, bytes, place->second.next);
  place->second.next += bytes;
}

void SafetensorsWriter::put(const void* data, std::size_t bytes, std::uint64_t offset) {
  const auto* next = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::pwrite(file_, next, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) throw InputError(path_ + ": cannot be written: " + std::strerror(errno));
    next += written;
    bytes -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
}

void SafetensorsWriter::finish() {
  for (const auto& place : places_) {
    if (place.second.next != place.second.end) {
      throw std::logic_error("SafetensorsWriter: tensor " + place.first + " is incomplete");
    }
  }
  const bool closed = ::close(file_) == 0;
  file_ = -1;
  if (!closed || std::rename(partial_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    ::unlink(partial_.c_str());
    throw InputError(path_ + ": cannot be written: " + std::strerror(reason));
  }
}

}  // namespace flexcim
