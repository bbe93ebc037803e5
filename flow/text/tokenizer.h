// Between texts and the tokens of a model.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Tokens of a text that it is, or of one that goes on from another.
enum class TextPart { whole, continued };

/// Thread-compatible: const calls may run in parallel.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// The tokens of a text, as the model wants it: with those in front and behind that its tokenizer adds, such as
  /// beginning-of-text. Throws InputError for a text that cannot be written in tokens.
  std::vector<int> encode(std::string_view text) const;

  /// The bytes that tokens stand for; U+FFFD for a token that the tokenizer does not know. Of a whole text those in
  /// front that encode() adds are left out, and so is the blank that some tokenizers put before the first word: byte by
  /// byte it is the text again where the tokenizer loses nothing (byte-level ones without normalizer). The bytes of a
  /// text and of what goes on from it, one behind the other, are those of the two together.
  std::string decode(const std::vector<int>& tokens, TextPart part) const;

  int size() const { return bytes_.empty() ? 0 : bytes_.rbegin()->first + 1; }  ///< one more than the highest id
  /// How a token is written: for messages.
  const std::string& bytes_of(int token) const { return bytes_.at(token); }
  const std::vector<int>& before() const { return before_; }  ///< added in front
  const std::vector<int>& behind() const { return behind_; }  ///< and behind

 protected:
  virtual void append(std::string_view text, std::vector<int>& tokens) const = 0;

  std::map<int, std::string> bytes_;  ///< by id
  std::vector<int> before_, behind_;
  bool blank_in_front_ = false;  ///< the blank before the first word
};

}  // namespace flexcim
