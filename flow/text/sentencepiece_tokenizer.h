// The tokenizer of a tokenizer.model, through libsentencepiece.
#pragma once

#include "flow/text/tokenizer.h"

#include <memory>
#include <string>

namespace flexcim {

/// What stands beside a SentencePiece model.
struct SentencePieceOptions {
  bool add_begin = true;  ///< beginning-of-text in front, as transformers does by default
  bool add_end = false;   ///< end-of-text behind
};

/// The tokenizer of a SentencePiece model, the content of a tokenizer.model. Its control symbols, such as <s>, cannot
/// be written in a text. Throws InputError, starting with `where`, for content that is no such model, a symbol that is
/// to be added and that it has not, and, naming the package to install, where the program has been built without the
/// library; so does encode() for text that is not UTF-8.
std::unique_ptr<Tokenizer> sentencepiece_tokenizer(const std::string& content, const SentencePieceOptions& options,
                                                   const std::string& where);

/// Whether the program has been built with the library.
bool has_sentencepiece();

}  // namespace flexcim
