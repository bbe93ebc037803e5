// The tensors of a model directory, whether they lie in one file or in shards.
#pragma once

#include "flow/base/safetensors.h"

#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// Name -> tensor over one safetensors file, or over a directory's "model.safetensors" or, where that is not there, the
/// shards that its "model.safetensors.index.json" lists. Nothing is loaded: tensors are views of mapped files that live
/// as long as the store.
class TensorStore {
 public:
  /// Throws InputError naming the file for a directory without either, a malformed index or file, a shard outside the
  /// directory, and where index and shards disagree on which tensor lies where.
  explicit TensorStore(const std::string& path);

  /// Null where there is none of that name.
  const Tensor* find(const std::string& name) const;
  /// Throws InputError that names the missing tensor.
  const Tensor& at(const std::string& name) const;
  /// All, by name, in alphabetical order.
  const std::map<std::string, const Tensor*>& tensors() const { return tensors_; }

 private:
  void open_file(const std::string& path);
  void open_shards(const std::string& directory);

  std::string source_;  ///< the file or index, for messages
  std::vector<SafetensorsFile> files_;
  std::map<std::string, const Tensor*> tensors_;
};

}  // namespace flexcim
