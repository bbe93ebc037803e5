// Safetensors with one int8 matrix.
#pragma once

#include "flow/base/safetensors_writer.h"

#include <cstdint>
#include <string>
#include <vector>

inline void write_int8(const std::string& file, const std::string& name, std::size_t rows, std::size_t cols,
                       const std::vector<std::int8_t>& values) {
  flexcim::SafetensorsWriter writer(file, {{name, flexcim::Dtype::i8, {rows, cols}}});
  writer.write(name, values);
  writer.finish();
}

/// `value(i)` for each element, row by row.
template <class Value>
void write_int8(const std::string& file, const std::string& name, std::size_t rows, std::size_t cols, Value value) {
  std::vector<std::int8_t> values;
  for (std::size_t i = 0; i < rows * cols; ++i) values.push_back(static_cast<std::int8_t>(value(i)));
  write_int8(file, name, rows, cols, values);
}

/// A gemm of 5 tokens, 48 inputs and 40 outputs that fits 2:4: w.safetensors and x.safetensors in `folder`, which ends
/// with a slash.
inline void write_small_gemm(const std::string& folder) {
  write_int8(folder + "w.safetensors", "weight", 40, 48,
             [](std::size_t i) { return i % 4 < 2 ? static_cast<int>(i % 100) - 50 : 0; });
  write_int8(folder + "x.safetensors", "activation", 5, 48,
             [](std::size_t i) { return static_cast<int>(i % 200) - 100; });
}
