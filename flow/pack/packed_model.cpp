#include "flow/pack/packed_model.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace flexcim {
namespace {

constexpr const char* kFormatKey = "flexcim.format";
constexpr const char* kLinearsKey = "flexcim.linears";
constexpr const char* kConfigKey = "config";
constexpr const char* kTokenizerKey = "tokenizer";
constexpr const char* kGenerationKey = "generation_config";
constexpr const char* kFormat = "1";

PackedLinearInfo info_of(const PackedLinear& linear) {
  return {linear.name, linear.pattern, linear.policy, linear.window, linear.weight_bits, linear.out, linear.in};
}

std::vector<std::size_t> entry_shape(const PackedLinearInfo& info) {
  return {static_cast<std::size_t>(info.out), info.groups(), static_cast<std::size_t>(info.pattern.n)};
}

std::vector<TensorDeclaration> declarations(const std::vector<PackedLinearInfo>& linears,
                                            const std::vector<Tensor>& others) {
  std::vector<TensorDeclaration> result;
  for (const PackedLinearInfo& info : linears) {
    result.push_back({info.name + ".values", Dtype::i8, entry_shape(info)});
    result.push_back({info.name + ".indices", Dtype::u8, entry_shape(info)});
    result.push_back({info.name + ".scales", Dtype::f32, {static_cast<std::size_t>(info.out)}});
    result.push_back({info.name + ".activation_scale", Dtype::f32, {1}});
  }
  for (const Tensor& tensor : others) result.push_back({tensor.name, tensor.dtype, tensor.shape});
  return result;
}

std::map<std::string, std::string> metadata(const std::vector<PackedLinearInfo>& linears,
                                            const PackedModelTexts& texts) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const PackedLinearInfo& info : linears) {
    nlohmann::ordered_json entry{{"name", info.name},
                                 {"pattern", to_string(info.pattern)},
                                 {"policy", to_string(info.policy)},
                                 {"window", info.window},
                                 {"shape", {info.out, info.in}}};
    if (info.weight_bits != 8) entry["weight_bits"] = info.weight_bits;
    list.push_back(std::move(entry));
  }
  std::map<std::string, std::string> entries{
      {kFormatKey, kFormat}, {kLinearsKey, list.dump()}, {kConfigKey, texts.config}, {kTokenizerKey, texts.tokenizer}};
  if (!texts.generation_config.empty()) entries[kGenerationKey] = texts.generation_config;
  return entries;
}

/// The fields of one entry of the linears' list, read strictly.
class Entry {
 public:
  Entry(const nlohmann::json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) throw InputError(where_ + " is not an object");
    static const std::set<std::string> known = {"name", "pattern", "policy", "window", "weight_bits", "shape"};
    for (const auto& item : json.items()) {
      if (known.count(item.key()) == 0) throw InputError(where_ + ": unknown key \"" + item.key() + "\"");
    }
  }
  std::string text(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || !found->is_string())
      throw InputError(where_ + ": " + key + " is missing or not a string");
    return found->get<std::string>();
  }
  static int small(const nlohmann::json& json, const std::string& where) {
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() == 0 ||
        json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<int>::max()) / 2) {
      throw InputError(where + " is not a positive integer in range");
    }
    return json.get<int>();
  }
  int number(const char* key) const {
    const auto found = json_.find(key);
    if (found == json_.end()) throw InputError(where_ + ": " + key + " is missing");
    return small(*found, where_ + ": " + key);
  }
  PackedLinearInfo info() const {
    PackedLinearInfo info;
    info.name = text("name");
    const std::string place = where_ + " (" + info.name + ")";
    try {
      info.pattern = parse_pattern(text("pattern"));
      info.policy = parse_index_policy(text("policy"));
    } catch (const InputError& error) {
      throw InputError(place + ": " + error.what());
    }
    info.window = number("window");
    if (json_.contains("weight_bits")) info.weight_bits = number("weight_bits");
    if (info.weight_bits != 4 && info.weight_bits != 8) throw InputError(place + ": weight_bits is neither 4 nor 8");
    const auto shape = json_.find("shape");
    if (shape == json_.end() || !shape->is_array() || shape->size() != 2) {
      throw InputError(place + ": shape is missing or not [out, in]");
    }
    info.out = small((*shape)[0], place + ": shape");
    info.in = small((*shape)[1], place + ": shape");
    return info;
  }

 private:
  const nlohmann::json& json_;
  std::string where_;
};

const std::string& text_of(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) {
    throw InputError(file.path() + ": metadata \"" + key + "\" is missing; it is no packed model");
  }
  return found->second;
}

void require_type(const Tensor& tensor, Dtype type, const std::vector<std::size_t>& shape) {
  if (tensor.dtype != type) {
    throw InputError(tensor.where() + ": dtype is " + std::string(to_string(tensor.dtype)) + ", not " +
                     std::string(to_string(type)));
  }
  tensor.require_shape(shape);
}

void check_tensors(const SafetensorsFile& file, const PackedLinearInfo& info) {
  require_type(file.at(info.name + ".values"), Dtype::i8, entry_shape(info));
  require_type(file.at(info.name + ".indices"), Dtype::u8, entry_shape(info));
  require_type(file.at(info.name + ".scales"), Dtype::f32, {static_cast<std::size_t>(info.out)});
  require_type(file.at(info.name + ".activation_scale"), Dtype::f32, {1});
}

template <class T>
std::vector<T> elements(const Tensor& tensor) {
  const Matrix<T> matrix = tensor.copy<T>();
  return std::vector<T>(matrix.data(), matrix.data() + matrix.size());
}

}  // namespace

PackedModelWriter::PackedModelWriter(const std::string& path, const std::vector<PackedLinearInfo>& linears,
                                     const std::vector<Tensor>& others, const PackedModelTexts& texts)
    : writer_(path, declarations(linears, others), metadata(linears, texts)) {
  for (const PackedLinearInfo& info : linears) announced_[info.name] = info;
  for (const Tensor& tensor : others) writer_.write(tensor.name, tensor.data, tensor.bytes);
}

void PackedModelWriter::write(const PackedLinear& linear) {
  const auto found = announced_.find(linear.name);
  if (found == announced_.end() || !(found->second == info_of(linear))) {
    throw std::logic_error("packed model: " + linear.name + " is not as announced");
  }
  writer_.write(linear.name + ".values", linear.values);
  writer_.write(linear.name + ".indices", linear.indices);
  writer_.write(linear.name + ".scales", linear.scales);
  writer_.write(linear.name + ".activation_scale", std::vector<float>{linear.activation_scale});
}

void PackedModelWriter::finish() { writer_.finish(); }

PackedModel::PackedModel(const std::string& path) : file_(path) {
  const std::string& format = text_of(file_, kFormatKey);
  if (format != kFormat) throw InputError(path + ": metadata \"" + kFormatKey + "\" is \"" + format + "\", not \"1\"");
  texts_.config = text_of(file_, kConfigKey);
  texts_.tokenizer = text_of(file_, kTokenizerKey);
  if (file_.metadata().count(kGenerationKey) > 0) texts_.generation_config = text_of(file_, kGenerationKey);
  const std::string where = path + ": metadata \"" + kLinearsKey + "\"";
  const nlohmann::json list = parse_json(text_of(file_, kLinearsKey), where);
  if (!list.is_array()) throw InputError(where + " is not a list");
  std::set<std::string> names;
  for (std::size_t i = 0; i < list.size(); ++i) {
    linears_.push_back(Entry(list[i], where + ": entry " + std::to_string(i)).info());
    check_tensors(file_, linears_.back());
    if (!names.insert(linears_.back().name).second)
      throw InputError(where + ": " + linears_.back().name + " comes twice");
  }
}

PackedLinear PackedModel::load(std::size_t i) const {
  const PackedLinearInfo& info = linears_.at(i);
  PackedLinear linear;
  linear.name = info.name;
  linear.pattern = info.pattern;
  linear.policy = info.policy;
  linear.window = info.window;
  linear.weight_bits = info.weight_bits;
  linear.out = info.out;
  linear.in = info.in;
  linear.values = file_.elements<std::int8_t>(info.name + ".values");
  linear.indices = file_.elements<std::uint8_t>(info.name + ".indices");
  const Tensor& scales = file_.at(info.name + ".scales");
  linear.scales = elements<float>(scales);
  for (std::size_t o = 0; o < linear.scales.size(); ++o) {
    if (!(std::isfinite(linear.scales[o]) && linear.scales[o] > 0)) {
      throw InputError(scales.where() + " [" + std::to_string(o) + "] is not a positive number");
    }
  }
  const Tensor& activation = file_.at(info.name + ".activation_scale");
  linear.activation_scale = elements<float>(activation).front();
  if (!(std::isfinite(linear.activation_scale) && linear.activation_scale >= 0)) {
    throw InputError(activation.where() + " is neither positive nor 0");
  }
  validate(linear, path() + ": tensor " + info.name + ".values");
  return linear;
}

}  // namespace flexcim
