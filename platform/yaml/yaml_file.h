// YAML files as text and as nodes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace flexcim {

/// The text of a file or InputError naming it: missing, a folder, unreadable, larger than 16 MiB.
std::string read_text_file(const std::filesystem::path& file);

/// The map that `text` is. Throws InputError for text that is no UTF-8, no single YAML document, or one that is no map;
/// with line and column where there are some. `file` is what the message calls it.
YAML::Node parse_map(const std::filesystem::path& file, const std::string& text);

/// "q.yaml:3:5", or "q.yaml" where nothing is known of the place in it.
std::string place_in(const std::filesystem::path& file, const YAML::Mark& mark);

/// `text` without these keys of its map at the top. What is left stands in the lines where it stood; where the text
/// does not allow that (a map in braces, an anchor in what would go), it stays as it is.
std::string without_keys(const std::string& text, const std::vector<std::string>& keys);

}  // namespace flexcim
