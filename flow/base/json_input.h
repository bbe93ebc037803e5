// JSON from outside, read strictly.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace flexcim {

/// Parses one JSON document. Throws InputError, starting with `where`, for anything that is not JSON (naming the line),
/// for a key that occurs twice in one object (naming it), and for lists and objects that lie more than 200 deep.
nlohmann::json parse_json(std::string_view text, const std::string& where);

/// As parse_json, but the bare words NaN, Infinity and -Infinity are numbers: Python's json writes and reads them, and
/// published config.json files hold them.
nlohmann::json parse_python_json(std::string_view text, const std::string& where);

/// The JSON document in a file. Throws InputError naming the file.
nlohmann::json read_json(const std::string& path);

/// A value as a message shows it: at most 200 bytes of JSON in a line, with Python's words for numbers not finite.
std::string json_text(const nlohmann::json& value);

}  // namespace flexcim
