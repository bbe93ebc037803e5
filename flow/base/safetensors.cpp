#include "flow/base/safetensors.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the limit of the reference implementation
constexpr std::size_t kMostDimensions = 64;            // NumPy's and PyTorch's

/// One entry of the header: everything but the address; offsets are relative to the data.
struct Entry {
  Tensor tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

std::uint64_t unsigned_number(const nlohmann::json& value, const std::string& where) {
  if (!value.is_number_unsigned()) throw InputError(where + " is not a non-negative integer");
  return value.get<std::uint64_t>();
}

Entry parse_entry(const std::string& file, const std::string& name, const nlohmann::json& json) {
  Entry entry;
  entry.tensor.file = file;
  entry.tensor.name = name;
  const std::string where = entry.tensor.where();
  if (!json.is_object()) throw InputError(where + ": its header entry is not an object");
  for (const auto& item : json.items()) {
    if (item.key() != "dtype" && item.key() != "shape" && item.key() != "data_offsets") {
      throw InputError(where + ": unknown key \"" + item.key() + "\"");
    }
  }
  const auto dtype = json.find("dtype");
  if (dtype == json.end() || !dtype->is_string()) throw InputError(where + ": dtype is missing or not a string");
  const auto type = parse_dtype(dtype->get_ref<const std::string&>());
  if (!type) throw InputError(where + ": dtype \"" + dtype->get<std::string>() + "\" is not supported");
  entry.tensor.dtype = *type;

  const auto shape = json.find("shape");
  if (shape == json.end() || !shape->is_array()) throw InputError(where + ": shape is missing or not a list");
  if (shape->size() > kMostDimensions) {
    throw InputError(where + ": its shape has " + std::to_string(shape->size()) + " dimensions, more than " +
                     std::to_string(kMostDimensions));
  }
  std::uint64_t bytes = size_of(*type);
  std::uint64_t extents = bytes;  // the same without zeros, so that no partial product overflows later
  for (const auto& dimension : *shape) {
    const std::uint64_t extent = unsigned_number(dimension, where + ": a dimension of its shape");
    if (__builtin_mul_overflow(extents, std::max<std::uint64_t>(extent, 1), &extents)) {
      throw InputError(where + ": the size that its shape gives is out of range");
    }
    bytes *= extent;
    entry.tensor.shape.push_back(extent);
  }
  entry.tensor.bytes = bytes;

  const auto offsets = json.find("data_offsets");
  if (offsets == json.end() || !offsets->is_array() || offsets->size() != 2) {
    throw InputError(where + ": data_offsets is missing or not a pair");
  }
  entry.begin = unsigned_number((*offsets)[0], where + ": data_offsets");
  entry.end = unsigned_number((*offsets)[1], where + ": data_offsets");
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    throw InputError(where + ": data_offsets [" + std::to_string(entry.begin) + "," + std::to_string(entry.end) +
                     "] do not fit shape " + shape_text(entry.tensor.shape) + " of " + std::string(to_string(*type)) +
                     " (" + std::to_string(bytes) + " bytes)");
  }
  return entry;
}

/// The entries must cover [0, size) in order, each starting where the last ended. Zero-sized tensors may sit at any
/// seam.
void check_coverage(const std::vector<Entry>& entries, std::uint64_t size, const std::string& file) {
  std::vector<const Entry*> order;
  order.reserve(entries.size());
  for (const Entry& entry : entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return std::tie(a->begin, a->end, a->tensor.name) < std::tie(b->begin, b->end, b->tensor.name);
  });
  std::uint64_t covered = 0;
  for (const Entry* entry : order) {
    if (entry->end > size) {
      throw InputError(entry->tensor.where() + ": its data ends at byte " + std::to_string(entry->end) + " of " +
                       std::to_string(size) + "; is the file truncated?");
    }
    if (entry->begin < covered) throw InputError(entry->tensor.where() + ": its data overlaps another tensor's");
    if (entry->begin > covered) {
      throw InputError(entry->tensor.where() + ": unused bytes " + std::to_string(covered) + ".." +
                       std::to_string(entry->begin - 1) + " before its data");
    }
    covered = entry->end;
  }
  if (covered != size) {
    throw InputError(file + ": " + std::to_string(size - covered) + " bytes after the last tensor belong to none");
  }
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::string& path)
    : path_(path), file_(std::make_shared<const MappedFile>(path)) {
  if (file_->size() < kLengthBytes) throw InputError(path + ": too short for a safetensors file");
  std::uint64_t length = 0;
  std::memcpy(&length, file_->data(), kLengthBytes);
  if (length > kLongestHeader || length > file_->size() - kLengthBytes) {
    throw InputError(path + ": is not a safetensors file, or truncated: the header of " + std::to_string(length) +
                     " bytes does not fit the file's " + std::to_string(file_->size()));
  }
  const nlohmann::json header = parse_json(file_->text().substr(kLengthBytes, length), path + ": header");
  if (!header.is_object()) throw InputError(path + ": the header is not a JSON object");

  std::vector<Entry> entries;
  for (const auto& item : header.items()) {
    if (item.key() != "__metadata__") {
      entries.push_back(parse_entry(path, item.key(), item.value()));
      continue;
    }
    if (!item.value().is_object()) throw InputError(path + ": __metadata__ is not an object");
    for (const auto& pair : item.value().items()) {
      if (!pair.value().is_string()) throw InputError(path + ": __metadata__: " + pair.key() + " is not a string");
      metadata_[pair.key()] = pair.value().get<std::string>();
    }
  }
  check_coverage(entries, file_->size() - kLengthBytes - length, path);
  for (Entry& entry : entries) {
    entry.tensor.data = file_->data() + kLengthBytes + length + entry.begin;
    tensors_[entry.tensor.name] = std::move(entry.tensor);
  }
}

const Tensor* SafetensorsFile::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const Tensor& SafetensorsFile::at(const std::string& name) const {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) throw InputError(path_ + ": tensor " + name + " is missing");
  return *tensor;
}

}  // namespace flexcim
