// Token sequences from files: text for byte-level models, token ids for all others.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// The tokens of a file. A safetensors file ("*.safetensors") gives the elements of its tensor "tokens" (I32 or I64,
/// any shape, row after row). Any other file is text, a byte a token, which only a model with a vocabulary of 256
/// understands. Throws InputError naming the file for text with another vocabulary, no tokens at all, and ids outside
/// 0..vocabulary-1.
std::vector<int> read_tokens(const std::string& path, int vocabulary);

}  // namespace flexcim
