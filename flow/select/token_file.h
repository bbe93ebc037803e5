// Token sequences from files: text for byte-level models, token ids for all others.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// The token sequences of a file, at least one, all of the same length and not empty. A safetensors file
/// ("*.safetensors") gives its tensor "tokens" (I32 or I64): [count] is one sequence, [rows,count] are rows that do not
/// follow each other. Any other file is text and one sequence, a byte a token, which only a model with a vocabulary of
/// 256 understands. Throws InputError naming the file for text with another vocabulary, no tokens at all, more than two
/// dimensions, and ids outside 0..vocabulary-1.
std::vector<std::vector<int>> read_tokens(const std::string& path, int vocabulary);

}  // namespace flexcim
