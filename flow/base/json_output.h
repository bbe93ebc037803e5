// JSON of results.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

/// The text of a result, on lines that are indented by `indent` blanks or, below 0, on one; bytes that are no UTF-8
/// become replacement characters. Throws NotFiniteError naming the place of the first number that is not finite, for
/// which JSON has no word.
std::string result_text(const nlohmann::ordered_json& result, int indent = -1);

}  // namespace flexcim
