// The page of a report: one HTML file that needs nothing else.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

/// page.html with its style, its scripts, Vega and `data` (report_data()) in it. Text in the data never becomes markup.
/// Throws NotFiniteError for a number that JSON cannot hold.
std::string report_page(const nlohmann::ordered_json& data);

}  // namespace flexcim
