// What a tokenizer does to a text before it looks for tokens.
#pragma once

#include "flow/text/json_object.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// The "normalizer" of a tokenizer.json: NFC, Prepend, Replace of words, and a Sequence of these.
class Normalizer {
 public:
  Normalizer() = default;  ///< none
  /// Throws InputError naming kind or key for anything else.
  explicit Normalizer(JsonObject json);

  bool none() const { return steps_.empty(); }
  /// Bytes that are no UTF-8 stay as they are.
  std::string apply(std::string_view text) const;

 private:
  void add(JsonObject json);

  std::vector<std::function<void(std::string& text)>> steps_;
};

/// Canonical composition (Unicode, UAX 15) of all that is UTF-8.
std::string nfc(std::string_view text);

/// Writes `by` for each occurrence of `words`, which are not empty.
void replace_all(std::string& text, std::string_view words, std::string_view by);

}  // namespace flexcim
