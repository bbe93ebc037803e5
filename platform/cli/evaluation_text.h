// The text by which the flow subcommands measure a model.
#pragma once

#include "flow/model/language_model.h"

#include <string>
#include <vector>

namespace flexcim {

/// The token sequences of a text or token file, in all at most the first `limit` tokens of it; 0: all. Throws as
/// read_tokens.
std::vector<std::vector<int>> evaluation_tokens(const std::string& text, int limit, const LanguageModel& model);

}  // namespace flexcim
