// A Hugging Face config.json, read key by key with the key named in every complaint.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace flexcim {

/// The values of a config.json. Every function throws InputError naming the key for a value of the wrong type or out of
/// range, and for a missing one without a default; a JSON null counts as missing.
class ModelConfig {
 public:
  /// `text` must be a JSON object; messages start with `where`.
  ModelConfig(std::string_view text, const std::string& where);

  int integer(const std::string& key, int low, int high, std::optional<int> otherwise = {}) const;
  /// A finite number in [low, high].
  double number(const std::string& key, double low, double high, std::optional<double> otherwise = {}) const;
  bool boolean(const std::string& key, bool otherwise) const;
  std::string text(const std::string& key, const std::string& otherwise) const;
  /// Throws unless the key has this value or is missing.
  void require_flag(const std::string& key, bool value) const;
  void require_text(const std::string& key, const std::string& value) const;
  /// The value, null where missing.
  const nlohmann::json& raw(const std::string& key) const;
  /// Throws InputError "WHERE: KEY PROBLEM".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;

 private:
  std::string where_;
  nlohmann::json values_;
};

}  // namespace flexcim
