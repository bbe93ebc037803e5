// JSON objects of which every key has to be known.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace flexcim {

/// An object of a JSON document whose keys are asked for one by one; finish() refuses those that were not. A key with
/// the value null is one that is not there. Everything wrong is an InputError that names document, place and key. The
/// document outlives it.
class JsonObject {
 public:
  /// `where`: document and place, for messages.
  JsonObject(const nlohmann::json& json, std::string where);

  /// Null where there is none.
  const nlohmann::json* find(const std::string& key);
  bool has(const std::string& key) { return find(key) != nullptr; }
  std::string text(const std::string& key);                        ///< must be there
  std::string text(const std::string& key, const char* fallback);  ///< the fallback where it is not there
  bool flag(const std::string& key, bool fallback);
  int id(const std::string& key);  ///< of a token, at least 0; must be there
  JsonObject object(const std::string& key);
  std::vector<JsonObject> list(const std::string& key);  ///< of objects; must be there
  const nlohmann::json& value(const std::string& key);   ///< of any kind; must be there
  /// Refuses every value but null, false, 0 and "" of a key.
  void require_off(const std::string& key);
  /// Keys that change no token.
  void ignore(const std::vector<std::string>& keys);
  void finish() const;

  const std::string& where() const { return where_; }
  /// `problem` says what the value of the key is, such as "is missing".
  [[noreturn]] void fail(const std::string& key, const std::string& problem) const;
  /// Refuses the value of a key: what is not supported, and what is.
  [[noreturn]] void refuse(const std::string& key, const std::string& supported) const;

 private:
  const nlohmann::json& json_;
  std::string where_;
  std::set<std::string> known_;
};

/// The token id that a JSON value is. Throws InputError, starting with `where`, for anything else.
int token_id(const nlohmann::json& value, const std::string& where);

}  // namespace flexcim
