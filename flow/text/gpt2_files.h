// The tokenizers of models that were published before tokenizer.json: GPT-2's vocab.json and merges.txt (OPT).
#pragma once

#include "flow/text/json_object.h"

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

/// Whether a directory has both files.
bool has_gpt2_files(const std::string& directory);

/// The tokenizer.json that transformers makes of them: byte-level, with the special tokens (bos_token, eos_token,
/// unk_token, pad_token; the first three are "<|endoftext|>" where they are not there), add_prefix_space and
/// add_bos_token of `config`, a tokenizer_config.json, and those of `added`, {content: id}. Throws InputError naming
/// the file for one that cannot be read, a key of the wrong type, and a special token without an id.
nlohmann::json gpt2_tokenizer(const std::string& directory, JsonObject config, const nlohmann::json& added);

}  // namespace flexcim
