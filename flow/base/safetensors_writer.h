// Writing of safetensors files, tensor by tensor or piece by piece.
#pragma once

#include "flow/base/mapped_vector.h"
#include "flow/base/matrix.h"
#include "flow/base/output_file.h"
#include "flow/base/safetensors.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// Name, type and shape of a tensor that will be written.
struct TensorDeclaration {
  std::string name;
  Dtype dtype = Dtype::u8;
  std::vector<std::size_t> shape;
};

/// Writes a safetensors file whose tensors are all declared first, so that their data can be streamed in any order and
/// in pieces of any size. The bytes depend on the declarations, metadata and data alone, not on their order: tensors
/// lie by falling element size and then by name, which also aligns each to its element size. The file is an OutputFile:
/// whole or not there. Throws std::system_error naming the file where it cannot be written, std::logic_error for data
/// that does not fit its declaration.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const std::string& path, const std::vector<TensorDeclaration>& tensors,
                    const std::map<std::string, std::string>& metadata = {});

  /// Appends the next `bytes` bytes of a tensor. Not to be called from two threads at once.
  void write(const std::string& name, const void* data, std::size_t bytes);
  /// Appends elements, which must be of the declared dtype.
  template <class T>
  void write(const std::string& name, const std::vector<T>& elements) {
    check_dtype(name, dtype_of<T>());
    write(name, elements.data(), elements.size() * sizeof(T));
  }
  template <class T>
  void write(const std::string& name, const MappedVector<T>& elements) {
    check_dtype(name, dtype_of<T>());
    write(name, elements.data(), elements.size() * sizeof(T));
  }
  template <class T>
  void write(const std::string& name, const Matrix<T>& elements) {
    check_dtype(name, dtype_of<T>());
    write(name, elements.data(), elements.size() * sizeof(T));
  }
  /// Every tensor must be complete. Puts the file in place.
  void finish();

 private:
  struct Place {
    Dtype dtype = Dtype::u8;
    std::uint64_t next = 0;  ///< file offset of the next byte
    std::uint64_t end = 0;
  };
  void check_dtype(const std::string& name, Dtype type) const;

  OutputFile file_;
  std::map<std::string, Place> places_;
};

}  // namespace flexcim
