// The tokens that end a text.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// The end-of-text tokens of a model directory or packed model file: eos_token_id, a token or a list of them, of
/// generation_config.json where that has one, of config.json otherwise (docs/generate.md); none where both have none.
/// Throws InputError naming file and key for a value that is no token and for keys of generation_config.json that
/// would change a greedy text (require_plain_decoding).
std::vector<int> end_tokens(const std::string& path);

}  // namespace flexcim
