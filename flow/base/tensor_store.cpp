#include "flow/base/tensor_store.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <filesystem>

namespace flexcim {

TensorStore::TensorStore(const std::string& path) : source_(path) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(path, ignored)) {
    open_file(path);
    return;
  }
  source_ = path + "/model.safetensors";
  if (std::filesystem::exists(source_, ignored)) {
    open_file(source_);
  } else if (std::filesystem::exists(source_ + ".index.json", ignored)) {
    open_shards(path);
  } else {
    throw InputError(path + ": holds neither model.safetensors nor model.safetensors.index.json");
  }
}

void TensorStore::open_file(const std::string& path) {
  files_.emplace_back(path);
  for (const auto& tensor : files_.back().tensors()) tensors_[tensor.first] = &tensor.second;
}

void TensorStore::open_shards(const std::string& directory) {
  source_ += ".index.json";
  const nlohmann::json index = read_json(source_);
  const auto map = index.is_object() ? index.find("weight_map") : index.end();
  if (map == index.end() || !map->is_object()) throw InputError(source_ + ": weight_map is missing or not an object");

  std::map<std::string, std::size_t> position;  // of a shard in files_
  const std::string folder = directory + "/";
  for (const auto& item : map->items()) {
    if (!item.value().is_string()) throw InputError(source_ + ": weight_map: " + item.key() + " is not a file name");
    const auto shard = item.value().get<std::string>();
    if (shard.empty() || shard.find('/') != std::string::npos || shard.find('\0') != std::string::npos) {
      throw InputError(source_ + ": weight_map: " + item.key() + " is not a plain file name");
    }
    if (!position.insert({shard, files_.size()}).second) continue;
    std::error_code ignored;
    if (!std::filesystem::exists(folder + shard, ignored)) {
      throw InputError(source_ + ": weight_map: " + item.key() + " is in " + shard + ", which is not there");
    }
    files_.emplace_back(folder + shard);
  }
  // Addresses only now: files_ has stopped growing.
  for (const auto& item : map->items()) {
    const SafetensorsFile& shard = files_[position.at(item.value().get<std::string>())];
    tensors_[item.key()] = shard.find(item.key());
    if (find(item.key()) == nullptr) {
      throw InputError(source_ + ": weight_map: " + item.key() + " is not in " + shard.path());
    }
  }
  for (const SafetensorsFile& shard : files_) {
    for (const auto& [name, tensor] : shard.tensors()) {
      const Tensor* const listed = find(name);
      if (listed == nullptr) throw InputError(tensor.where() + " is not in the weight_map of " + source_);
      if (listed != &tensor) throw InputError(tensor.where() + " lies in " + listed->file + ", too");
    }
  }
}

const Tensor* TensorStore::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : found->second;
}

const Tensor& TensorStore::at(const std::string& name) const {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) throw InputError(source_ + ": tensor " + name + " is missing");
  return *tensor;
}

}  // namespace flexcim
