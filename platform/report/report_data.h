// What a report shows of result folders, or of a sweep, as one JSON object (docs/report.md).
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace flexcim {

/// Of the folder of a sweep, which has to be the only one, the object has `sweep` (sweep_data.h). Other folders are
/// read with load_result(); it has `components`, `layer_columns` and `comparison_columns` (name, unit, description),
/// and `folders[]`:
/// - `folder` as given, `summary` (summary.json as it stands), `configuration` (the text of scenario.yaml),
/// - `layer_energy_pj[run][layer][component]`, runs counted as in layers.csv,
/// - `power[run]` (power_data.h), `activity[run]` (activity_data.h; none of estimates), `timeline` (timeline_data.h)
/// where there is a timeline.json,
/// - `area[]`: `name` and `mm2` of each part; `uart` of firmware: what it has sent, the first 20 000 bytes,
/// - `comparison` where axes are compared: of each of those columns the values of all points, in the order of the file,
/// - `roofs`: `macs_per_s` of all cells, `dram_bytes_per_s` of all channels at their peak.
///
/// Throws InputError, as load_result() and sweep_data(), for results that cannot be read, and for a sweep among others.
nlohmann::ordered_json report_data(const std::vector<std::filesystem::path>& folders);

}  // namespace flexcim
