// Where a model's tokenizer is written down.
#pragma once

#include "flow/text/tokenizer.h"

#include <memory>
#include <optional>
#include <string>

namespace flexcim {

/// All of a tokenizer in one JSON text, which a packed model keeps as it is: a tokenizer.json, or {"kind":
/// "sentencepiece", "model": a tokenizer.model in base64, "add_bos_token", "add_eos_token", "added_tokens": {content:
/// id}}, {"kind":"bytes"}, {"kind":"none"}.
struct TokenizerData {
  std::string text;
  std::string where;  ///< for messages
  /// What a tokenizer_config.json beside a tokenizer.json says, if it does: whether beginning- and end-of-text are
  /// added.
  std::optional<bool> add_begin = {}, add_end = {};
};

/// What lies in a model directory: tokenizer.json, without it tokenizer.model with what tokenizer_config.json and
/// added_tokens.json say of it (transformers' defaults: beginning-of-text is added, end-of-text is not), without that
/// vocab.json and merges.txt (gpt2_files.h). Without any of them a vocabulary of 256 is bytes. Throws InputError naming
/// a file that cannot be read.
TokenizerData read_tokenizer_data(const std::string& directory, int vocabulary);

/// Throws InputError naming file and key for a tokenizer that is not supported or contradicts its configuration, one of
/// another model, which has a token outside 0..vocabulary-1, and where there is none.
std::unique_ptr<Tokenizer> make_tokenizer(const TokenizerData& data, int vocabulary);

}  // namespace flexcim
