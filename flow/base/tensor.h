// A tensor in a mapped file, and its elements as numbers.
#pragma once

#include "flow/base/matrix.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Element types, named as in the safetensors format.
enum class Dtype { boolean, u8, i8, f8_e4m3, f8_e5m2, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

/// Bytes of one element.
std::size_t size_of(Dtype type);
/// The name in the file: "F16", "BF16", "F8_E4M3", "I8"...
std::string_view to_string(Dtype type);
/// The inverse; nothing for a name that is none of them.
std::optional<Dtype> parse_dtype(std::string_view name);
/// "[2,3]"
std::string shape_text(const std::vector<std::size_t>& shape);

/// The dtype under which elements of T are stored, for T an integer of fixed width, float or double.
template <class T>
Dtype dtype_of();

/// A tensor in a mapped file: name, type, shape and the place of its little-endian, row-major data. Does not own the
/// data.
struct Tensor {
  std::string file;  ///< path, for messages
  std::string name;
  Dtype dtype = Dtype::u8;
  std::vector<std::size_t> shape;
  const std::byte* data = nullptr;
  std::size_t bytes = 0;

  std::size_t elements() const { return bytes / size_of(dtype); }
  /// As a matrix: the last dimension is the columns, all others together are the rows; a scalar is 1x1.
  std::size_t rows() const;
  std::size_t cols() const { return shape.empty() ? 1 : shape.back(); }
  /// "FILE: tensor NAME", the start of every message about this tensor.
  std::string where() const { return file + ": tensor " + name; }

  /// The elements as a matrix, without copying. Throws InputError for another dtype and for data that is not aligned
  /// for T in the file (common writers align it; `copy` reads it either way).
  template <class T>
  MatrixView<const T> view() const;
  /// A copy of the elements. Throws InputError for another dtype.
  template <class T>
  Matrix<T> copy() const;
  /// Throws InputError unless the shape is exactly this.
  void require_shape(const std::vector<std::size_t>& expected) const;
};

/// Rows [first, first + count) of an F32, F16, BF16, F8_E4M3 or F8_E5M2 tensor as float, exactly. Throws InputError for
/// another dtype, and for a NaN or an infinity, naming the tensor and the element's index.
Matrix<float> to_float(const Tensor& tensor, std::size_t first, std::size_t count);
/// The whole tensor.
Matrix<float> to_float(const Tensor& tensor);
/// Throws InputError where to_float would; takes the memory of one row.
void require_finite(const Tensor& tensor);

}  // namespace flexcim
