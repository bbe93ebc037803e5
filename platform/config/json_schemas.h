// JSON Schema of the files that people write, for editors and validators.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// scenario, architecture, technology, dram.
std::vector<std::string> json_schema_names();

/// The text of scenarios/schema/NAME.json. `name` is one of json_schema_names().
std::string json_schema_text(const std::string& name);

}  // namespace flexcim
