// Token sequences from files of text or of token ids.
#pragma once

#include "flow/model/model_text.h"

#include <string>
#include <vector>

namespace flexcim {

/// The token sequences of a file, at least one, all of the same length and not empty. A safetensors file
/// ("*.safetensors") gives its tensor "tokens" (I32 or I64): [count] is one sequence, [rows,count] are rows that do not
/// follow each other. Any other file is text and one sequence, of what the model's tokenizer makes of it. Throws
/// InputError naming the file for no tokens at all, more than two dimensions, ids outside 0..vocabulary-1, and text
/// that cannot be encoded; for text where there is no tokenizer, as ModelText does.
std::vector<std::vector<int>> read_tokens(const std::string& path, const ModelText& model);

}  // namespace flexcim
