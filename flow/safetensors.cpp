#include "flow/safetensors.h"

#include "flow/error.h"
#include "flow/float16.h"
#include "flow/json_input.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <tuple>

namespace flexcim {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors data is read in place and is little-endian");

struct DtypeRow {
  Dtype type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<DtypeRow, 13> kDtypes = {{{Dtype::boolean, "BOOL", 1},
                                               {Dtype::u8, "U8", 1},
                                               {Dtype::i8, "I8", 1},
                                               {Dtype::u16, "U16", 2},
                                               {Dtype::i16, "I16", 2},
                                               {Dtype::f16, "F16", 2},
                                               {Dtype::bf16, "BF16", 2},
                                               {Dtype::u32, "U32", 4},
                                               {Dtype::i32, "I32", 4},
                                               {Dtype::f32, "F32", 4},
                                               {Dtype::u64, "U64", 8},
                                               {Dtype::i64, "I64", 8},
                                               {Dtype::f64, "F64", 8}}};

const DtypeRow& row_of(Dtype type) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(), [type](const DtypeRow& row) { return row.type == type; });
}

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the limit of the reference implementation

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

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
  const auto* row = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeRow& known) {
    return known.name == dtype->get_ref<const std::string&>();
  });
  if (row == kDtypes.end()) {
    throw InputError(where + ": dtype \"" + dtype->get<std::string>() + "\" is not supported");
  }
  entry.tensor.dtype = row->type;

  const auto shape = json.find("shape");
  if (shape == json.end() || !shape->is_array()) throw InputError(where + ": shape is missing or not a list");
  std::uint64_t bytes = row->bytes;
  std::uint64_t extents = row->bytes;  // the same without zeros, so that no partial product overflows later
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
                     "] do not fit shape " + shape_text(entry.tensor.shape) + " of " + std::string(row->name) + " (" +
                     std::to_string(bytes) + " bytes)");
  }
  return entry;
}

/// The entries must cover [0, size) in order, each starting where the last ended. Zero-sized tensors may sit at any
/// seam.
void check_coverage(const std::vector<Entry>& entries, std::uint64_t size, const std::string& file) {
  std::vector<const Entry*> order;
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

/// dst[i] = convert(src[i]); true if all exponents are below all ones, that is, every value is finite.
template <class Bits, class Convert>
bool convert_row(const std::byte* src, float* dst, std::size_t count, Convert convert) {
  std::uint32_t special = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Bits bits;
    std::memcpy(&bits, src + i * sizeof(Bits), sizeof(Bits));
    dst[i] = convert(bits);
    special |= static_cast<std::uint32_t>((bits_of(dst[i]) & 0x7F800000u) == 0x7F800000u);
  }
  return special == 0;
}

bool convert_row(Dtype type, const std::byte* src, float* dst, std::size_t count) {
  switch (type) {
    case Dtype::f16:
      return convert_row<std::uint16_t>(src, dst, count, float16_to_float);
    case Dtype::bf16:
      return convert_row<std::uint16_t>(src, dst, count, bfloat16_to_float);
    default:
      return convert_row<std::uint32_t>(src, dst, count, float_from_bits);
  }
}

/// "[2,0,5]" of a flat index.
std::string index_text(const Tensor& tensor, std::size_t flat) {
  std::vector<std::size_t> index(tensor.shape.size());
  for (std::size_t d = index.size(); d-- > 0; flat /= tensor.shape[d]) index[d] = flat % tensor.shape[d];
  return shape_text(index);
}

}  // namespace

std::size_t size_of(Dtype type) { return row_of(type).bytes; }
std::string_view to_string(Dtype type) { return row_of(type).name; }

// clang-format off
template <> Dtype dtype_of<std::uint8_t>() { return Dtype::u8; }
template <> Dtype dtype_of<std::int8_t>() { return Dtype::i8; }
template <> Dtype dtype_of<std::uint16_t>() { return Dtype::u16; }
template <> Dtype dtype_of<std::int16_t>() { return Dtype::i16; }
template <> Dtype dtype_of<std::uint32_t>() { return Dtype::u32; }
template <> Dtype dtype_of<std::int32_t>() { return Dtype::i32; }
template <> Dtype dtype_of<std::uint64_t>() { return Dtype::u64; }
template <> Dtype dtype_of<std::int64_t>() { return Dtype::i64; }
template <> Dtype dtype_of<float>() { return Dtype::f32; }
template <> Dtype dtype_of<double>() { return Dtype::f64; }
// clang-format on

std::size_t Tensor::rows() const {
  std::size_t rows = 1;
  for (std::size_t d = 0; d + 1 < shape.size(); ++d) rows *= shape[d];
  return rows;
}

void Tensor::require_shape(const std::vector<std::size_t>& expected) const {
  if (shape != expected) {
    throw InputError(where() + " has shape " + shape_text(shape) + " where " + shape_text(expected) + " is needed");
  }
}

template <class T>
MatrixView<const T> Tensor::view() const {
  if (dtype != dtype_of<T>()) {
    throw InputError(where() + " is " + std::string(to_string(dtype)) + " where " +
                     std::string(to_string(dtype_of<T>())) + " is needed");
  }
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(T) != 0) {
    throw InputError(where() + ": its data is not aligned to its element size");
  }
  return {reinterpret_cast<const T*>(data), rows(), cols()};
}

template <class T>
Matrix<T> Tensor::copy() const {
  if (dtype != dtype_of<T>()) {
    throw InputError(where() + " is " + std::string(to_string(dtype)) + " where " +
                     std::string(to_string(dtype_of<T>())) + " is needed");
  }
  Matrix<T> result(rows(), cols());
  if (bytes > 0) std::memcpy(result.data(), data, bytes);
  return result;
}

#define FLEXCIM_INSTANTIATE(T)                          \
  template MatrixView<const T> Tensor::view<T>() const; \
  template Matrix<T> Tensor::copy<T>() const;
FLEXCIM_INSTANTIATE(std::uint8_t)
FLEXCIM_INSTANTIATE(std::int8_t)
FLEXCIM_INSTANTIATE(std::uint16_t)
FLEXCIM_INSTANTIATE(std::int16_t)
FLEXCIM_INSTANTIATE(std::uint32_t)
FLEXCIM_INSTANTIATE(std::int32_t)
FLEXCIM_INSTANTIATE(std::uint64_t)
FLEXCIM_INSTANTIATE(std::int64_t)
FLEXCIM_INSTANTIATE(float)
FLEXCIM_INSTANTIATE(double)
#undef FLEXCIM_INSTANTIATE

Matrix<float> to_float(const Tensor& tensor, std::size_t first, std::size_t count) {
  if (tensor.dtype != Dtype::f32 && tensor.dtype != Dtype::f16 && tensor.dtype != Dtype::bf16) {
    throw InputError(tensor.where() + " is " + std::string(to_string(tensor.dtype)) +
                     " where F32, F16 or BF16 is needed");
  }
  Matrix<float> result(count, tensor.cols());
  if (tensor.bytes == 0) return result;
  const std::size_t row_bytes = tensor.cols() * size_of(tensor.dtype);
  for (std::size_t r = 0; r < count; ++r) {
    float* row = result.row(r);
    if (convert_row(tensor.dtype, tensor.data + (first + r) * row_bytes, row, tensor.cols())) continue;
    std::size_t c = 0;
    while ((bits_of(row[c]) & 0x7F800000u) != 0x7F800000u) ++c;
    throw InputError(tensor.where() + ": element " + index_text(tensor, (first + r) * tensor.cols() + c) + " is " +
                     ((bits_of(row[c]) & 0x7FFFFFu) != 0 ? "NaN" : "infinite"));
  }
  return result;
}

Matrix<float> to_float(const Tensor& tensor) { return to_float(tensor, 0, tensor.rows()); }

SafetensorsFile::SafetensorsFile(const std::string& path) : path_(path), file_(path) {
  if (file_.size() < kLengthBytes) throw InputError(path + ": too short for a safetensors file");
  std::uint64_t length = 0;
  std::memcpy(&length, file_.data(), kLengthBytes);
  if (length > kLongestHeader || length > file_.size() - kLengthBytes) {
    throw InputError(path + ": is not a safetensors file, or truncated: the header of " + std::to_string(length) +
                     " bytes does not fit the file's " + std::to_string(file_.size()));
  }
  const nlohmann::json header = parse_json(file_.text().substr(kLengthBytes, length), path + ": header");
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
  check_coverage(entries, file_.size() - kLengthBytes - length, path);
  for (Entry& entry : entries) {
    entry.tensor.data = file_.data() + kLengthBytes + length + entry.begin;
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
