// JSON of results, read with the place of every value for messages.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// A value in a JSON file. Every function throws InputError that names the file and the key ("layers[2].cycles") where
/// the value is missing or of another kind. The document outlives it.
class JsonPlace {
 public:
  /// The whole document of `file`.
  JsonPlace(std::string file, const nlohmann::json& document) : file_(std::move(file)), value_(&document) {}

  /// Of an object.
  JsonPlace operator[](const std::string& key) const;
  std::optional<JsonPlace> find(const std::string& key) const;
  /// Of an array.
  std::vector<JsonPlace> items() const;

  std::uint64_t count() const;  ///< a whole number, 0 or above
  int small_count() const;      ///< that an int holds
  double number() const;
  std::int64_t picoseconds() const;  ///< of a time in ns, up to 2^53 ps
  bool flag() const;
  std::string text() const;

  /// Throws unless it equals `expected`, which follows from other values: all keys of an object, numbers up to
  /// rounding.
  void require(const nlohmann::json& expected) const;
  [[noreturn]] void fail(const std::string& what) const;  ///< "FILE: KEY WHAT"

 private:
  JsonPlace(const JsonPlace& parent, const std::string& key, const nlohmann::json& value)
      : file_(parent.file_), key_(key), value_(&value) {}
  [[noreturn]] void refuse(const char* wanted) const;

  std::string file_;
  std::string key_;  ///< empty for the document
  const nlohmann::json* value_;
};

}  // namespace flexcim
