// points.csv and points.jsonl.
#pragma once

#include "platform/sweep/sqlite.h"

#include <filesystem>

namespace flexcim {

inline constexpr const char* kPointsCsv = "points.csv";
inline constexpr const char* kPointsJsonl = "points.jsonl";

/// Writes every point of `sweep`, the database of one, into both files in `folder`, in the order of their numbers.
/// In the second each line is a flat object, and a value has the same type in all of them: whole numbers, other
/// numbers (with a point or an exponent), or text; null where there is none. Throws std::system_error.
void export_points(const SqliteDatabase& sweep, const std::filesystem::path& folder);

}  // namespace flexcim
