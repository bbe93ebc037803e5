// JSON of results.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace flexcim {

/// The JSON text of a result: lines indented by `indent` blanks, or one line if `indent` is below 0. Bytes that are not
/// UTF-8 become replacement characters. Throws NotFiniteError naming the place of the first number that is not finite,
/// which JSON cannot hold.
std::string result_text(const nlohmann::ordered_json& result, int indent = -1);

/// `text` in quotation marks, as JSON has it. Bytes that are not UTF-8 become replacement characters.
std::string json_string(std::string_view text);

}  // namespace flexcim
