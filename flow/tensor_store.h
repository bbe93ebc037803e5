// The tensors of a model directory, whether they lie in one file or in shards.
#pragma once

#include "flow/safetensors.h"

#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// Name -> tensor over "model.safetensors", or over the shards that "model.safetensors.index.json" lists where the
/// former is not there. Nothing is loaded: tensors are views of mapped files that live as long as the store.
class TensorStore {
 public:
  /// Throws InputError naming the file for a directory without either, a malformed index or file, a shard outside the
  /// directory, and a tensor that its shard does not hold.
  explicit TensorStore(const std::string& directory);

  /// Null where there is none of that name.
  const Tensor* find(const std::string& name) const;
  /// Throws InputError that names the missing tensor.
  const Tensor& at(const std::string& name) const;

 private:
  void open_shards(const std::string& directory);

  std::string source_;  ///< the file or index, for messages
  std::vector<SafetensorsFile> files_;
  std::map<std::string, const Tensor*> tensors_;
};

}  // namespace flexcim
