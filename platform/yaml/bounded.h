// Whether going through a YAML document comes to an end.
#pragma once

#include <string>
#include <yaml-cpp/yaml.h>

namespace flexcim {

/// Throws YAML::Exception for a node of `text` that lies in itself, by an alias, or more than 100 deep, and for one
/// whose anchors and aliases stand for many more values than the text has bytes.
void require_bounded(const YAML::Node& node, const std::string& text);

}  // namespace flexcim
