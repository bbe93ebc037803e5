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
  /// Bytes that are no UTF-8 stay as they are. Throws InputError where steps that each write the text longer make more
  /// of it than most_written().
  std::string apply(std::string_view text) const;

 private:
  void add(JsonObject json);

  std::string where_;
  std::vector<std::function<void(std::string& text, std::size_t most)>> steps_;
};

/// Canonical composition (Unicode, UAX 15) of all that is UTF-8.
std::string nfc(std::string_view text);

/// Bytes that a tokenizer may write for a text of so many: 64 for each, and 64 KiB. A few steps that double a text
/// would otherwise take all memory.
std::size_t most_written(std::size_t bytes);
/// Throws InputError, starting with `where`, for a text of more than `most` bytes.
void require_written(std::string_view text, std::size_t most, const std::string& where);

/// Writes `by` for each occurrence of `words`, which are not empty. Throws as require_written() does.
void replace_all(std::string& text, std::string_view words, std::string_view by, std::size_t most,
                 const std::string& where);

}  // namespace flexcim
