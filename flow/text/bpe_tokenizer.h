// The tokenizer of a tokenizer.json.
#pragma once

#include "flow/text/added_tokens.h"
#include "flow/text/bpe.h"
#include "flow/text/normalizer.h"
#include "flow/text/pre_tokenizer.h"
#include "flow/text/tokenizer.h"

#include <unordered_map>

namespace flexcim {

/// What transformers makes of the file, with the special tokens of its post-processor. Anything in the file that is not
/// implemented is an InputError that names its place.
class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(JsonObject json);

 private:
  /// Tokens of short pieces that have come before in a text.
  using Known = std::unordered_map<std::string, std::vector<int>>;

  void read_added_tokens(JsonObject& json);
  void read_post_processor(JsonObject json);
  void read_template(JsonObject& json);
  void append(std::string_view text, std::vector<int>& tokens) const override;
  void append_segment(std::string_view segment, bool begins, Known& known, std::vector<int>& tokens) const;

  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  AddedTokens added_, added_normalized_;
  Bpe bpe_;
};

}  // namespace flexcim
