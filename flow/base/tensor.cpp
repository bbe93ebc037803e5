#include "flow/base/tensor.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/float16.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace flexcim {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors data is read in place and is little-endian");

struct DtypeRow {
  Dtype type;
  std::string_view name;
  std::size_t bytes;
};
constexpr std::array<DtypeRow, 15> kDtypes = {{{Dtype::boolean, "BOOL", 1},
                                               {Dtype::u8, "U8", 1},
                                               {Dtype::i8, "I8", 1},
                                               {Dtype::f8_e4m3, "F8_E4M3", 1},
                                               {Dtype::f8_e5m2, "F8_E5M2", 1},
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

/// The same for a type that `is_float`.
bool convert_row(Dtype type, const std::byte* src, float* dst, std::size_t count) {
  switch (type) {
    case Dtype::f8_e4m3:
      return convert_row<std::uint8_t>(src, dst, count, f8_e4m3_to_float);
    case Dtype::f8_e5m2:
      return convert_row<std::uint8_t>(src, dst, count, f8_e5m2_to_float);
    case Dtype::f16:
      return convert_row<std::uint16_t>(src, dst, count, float16_to_float);
    case Dtype::bf16:
      return convert_row<std::uint16_t>(src, dst, count, bfloat16_to_float);
    default:
      return convert_row<std::uint32_t>(src, dst, count, float_from_bits);
  }
}

bool is_float(Dtype type) {
  return type == Dtype::f32 || type == Dtype::f16 || type == Dtype::bf16 || type == Dtype::f8_e4m3 ||
         type == Dtype::f8_e5m2;
}

/// "[2,0,5]" of a flat index.
std::string index_text(const Tensor& tensor, std::size_t flat) {
  std::vector<std::size_t> index(tensor.shape.size());
  for (std::size_t d = index.size(); d-- > 0; flat /= tensor.shape[d]) index[d] = flat % tensor.shape[d];
  return shape_text(index);
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

std::size_t size_of(Dtype type) { return row_of(type).bytes; }
std::string_view to_string(Dtype type) { return row_of(type).name; }

std::optional<Dtype> parse_dtype(std::string_view name) {
  for (const DtypeRow& row : kDtypes) {
    if (row.name == name) return row.type;
  }
  return {};
}

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
  if (!is_float(tensor.dtype)) {
    throw InputError(tensor.where() + " is " + std::string(to_string(tensor.dtype)) +
                     " where F32, F16, BF16, F8_E4M3 or F8_E5M2 is needed");
  }
  Matrix<float> result(count, tensor.cols());
  if (tensor.bytes == 0) return result;
  const std::size_t row_bytes = tensor.cols() * size_of(tensor.dtype);
  for (std::size_t r = 0; r < count; ++r) {
    float* row = result.row(r);
    if (convert_row(tensor.dtype, tensor.data + (first + r) * row_bytes, row, tensor.cols())) continue;
    const std::size_t c = first_not_finite(row, tensor.cols());
    throw InputError(tensor.where() + ": element " + index_text(tensor, (first + r) * tensor.cols() + c) + " is " +
                     std::string(not_finite_text(row[c])));
  }
  return result;
}

Matrix<float> to_float(const Tensor& tensor) { return to_float(tensor, 0, tensor.rows()); }

void require_finite(const Tensor& tensor) {
  if (tensor.bytes == 0) return;  // of any number of rows
  for (std::size_t row = 0; row < tensor.rows(); ++row) to_float(tensor, row, 1);
}

}  // namespace flexcim
