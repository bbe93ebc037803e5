// Cutting a text into the pieces that tokens do not cross.
#pragma once

#include "flow/text/json_object.h"

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

class SplitPattern;

/// A text on its way through the steps of a pre-tokenizer.
struct Pieces {
  std::vector<std::string_view> pieces;  ///< in order, not empty: of the text, or of what it has become
  std::list<std::string> written;        ///< what it has become
  bool begins = false;                   ///< the first piece is the beginning of the whole text
  std::size_t most = 0;                  ///< bytes that it may become
};

/// The "pre_tokenizer" of a tokenizer.json: ByteLevel, Split (Isolated, Removed), Digits, Punctuation, Metaspace, and a
/// Sequence of these.
class PreTokenizer {
 public:
  PreTokenizer() = default;  ///< none
  /// Throws InputError naming kind or key for anything else.
  explicit PreTokenizer(JsonObject json);

  /// The pieces of a text that is not empty. `begins`: as in Pieces.
  Pieces cut(std::string_view text, bool begins) const;

 private:
  void add(JsonObject json);
  void add_byte_level(JsonObject& json);
  void add_split(JsonObject& json);
  void add_metaspace(JsonObject& json);
  /// `keep` says of what matches, and of what does not, whether it stays.
  void add_pattern(SplitPattern&& pattern, std::function<bool(bool matches)> keep);

  std::vector<std::function<void(Pieces&)>> steps_;
  bool byte_level_ = false;
};

}  // namespace flexcim
