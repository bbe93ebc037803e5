// A sweep as its page draws it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace flexcim {

/// Whether `folder` has the database of a sweep. Throws InputError where it has nothing but shards of one.
bool is_sweep(const std::filesystem::path& folder);

/// Reads the database of the sweep in `folder`, which may be going on:
/// - `folder` as given, `name`, `program_version`, `configuration` (the text of the scenario), `planned` (points),
/// - `ok`, `invalid`, `failed` (points); `reasons[]`: `status`, `reason`, `points` (reasons.h),
/// - `axes[]`: `name`, `numbers`, `values`, `level_of`, `levels` (axis_levels.h),
/// - `objectives[]`: `metric`, `best` (least or most),
/// - `metrics[]`: `name`, `unit`, `description` of those that are objectives or not the same at all points,
/// - `sensitivity[objective]`: `logarithm`, `effects[axis]`: `share`, `levels[]`: `points`, `mean` (sensitivity.h),
/// - `points`: those that are ok, where they are very many the front and others by chance: `number[]`, `front[]`
///   (places in that list), `axes[axis][]` (places in its `values`), `metrics` by name: numbers, those of objectives
///   exactly.
///
/// Throws InputError for a file that is no database of a sweep, or of another version; std::system_error.
nlohmann::ordered_json sweep_data(const std::filesystem::path& folder);

}  // namespace flexcim
