// Reading of safetensors files (the Hugging Face format: length, JSON header, data), memory-mapped.
#pragma once

#include "flow/base/mapped_vector.h"
#include "flow/base/tensor.h"

#include <map>
#include <memory>
#include <string>

namespace flexcim {

/// A safetensors file, checked completely when opened: header length, JSON, every tensor's dtype, shape and offsets;
/// the data must be covered without holes or overlaps. Throws InputError naming file and tensor.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::string& path);

  const std::string& path() const { return path_; }
  /// By name, in alphabetical order.
  const std::map<std::string, Tensor>& tensors() const { return tensors_; }
  /// Null where there is none of that name.
  const Tensor* find(const std::string& name) const;
  /// Throws InputError that names the file and the missing tensor.
  const Tensor& at(const std::string& name) const;
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// The elements of a tensor of bytes, which keep the file mapped.
  template <class T>
  MappedVector<T> elements(const std::string& name) const {
    const MatrixView<const T> view = at(name).template view<T>();
    return {file_, view.data, view.rows * view.cols};
  }
  /// What a tensor's address belongs to.
  const std::shared_ptr<const MappedFile>& mapped() const { return file_; }

 private:
  std::string path_;
  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace flexcim
