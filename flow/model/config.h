// A Hugging Face config.json, read key by key with the key named in every complaint.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace flexcim {

constexpr int kLargestDimension = 1 << 20;  ///< that a model may have

/// The values of a config.json. Every function throws InputError naming the key for a value of the wrong type or out of
/// range, and for a missing one without a default; a JSON null counts as missing. What is asked for is remembered, so
/// that a key which nobody has looked at can be refused.
class ModelConfig {
 public:
  /// `text` must be a JSON object, which may hold Python's NaN and Infinity; messages start with `where`.
  ModelConfig(std::string_view text, const std::string& where);

  int integer(const std::string& key, int low, int high, std::optional<int> otherwise = {}) const;
  /// A finite number in [low, high].
  double number(const std::string& key, double low, double high, std::optional<double> otherwise = {}) const;
  bool boolean(const std::string& key, bool otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;
  /// Throws unless the key has this value, the only one that is supported, or is missing.
  void require(const std::string& key, const nlohmann::json& value) const;
  /// Whether the key is there, be it with the value null.
  bool holds(const std::string& key) const { return values_.contains(key); }
  /// The value, null where missing.
  const nlohmann::json& raw(const std::string& key) const;
  /// The object that is a key's value, read like a file of its own. Its messages start with "WHERE: KEY".
  ModelConfig object(const std::string& key) const;
  /// Throws for a key that has a value, that nobody has asked for, and that is not among `idle`, the keys that cannot
  /// change what the model computes.
  void require_all_known(const std::set<std::string_view>& idle) const;

  /// "WHERE: KEY"
  std::string place(const std::string& key) const;
  /// Throws InputError "WHERE: KEY PROBLEM".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;

 private:
  std::string where_;
  nlohmann::json values_;
  mutable std::set<std::string> asked_;
};

/// The config.json of a model directory or of a packed model file. Throws InputError naming the file.
ModelConfig read_config(const std::string& path);
/// The generation_config.json that lies beside it, or in the packed file; nothing where there is none.
std::optional<ModelConfig> read_generation_config(const std::string& path);

}  // namespace flexcim
