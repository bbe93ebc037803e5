// timeline.json in as many spans as a page can hold.
#pragma once

#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>

namespace flexcim {

constexpr std::size_t kMostTimelineSpans = 50'000;

/// The file of observe.timeline, or any file in Chrome's trace event format (object form: B, E, X, i, C and M events).
/// `end_ps`; `names[]`, which spans refer to; `spans` in the file, `merged_below_ps`: 0 where all of them are shown;
/// otherwise neighbours on a row that together are shorter are one span, so that at most `most_spans` remain.
/// - `tracks[]`: `process`, `track` and `rows[]`, one for each depth of nesting: start (from that of the span before),
///   duration, index of the name or, of merged ones, minus their number; all in one list, ps.
/// - `counters[]`: `process`, `counter`, `points`: time in ps and value from then on, in one list; means of equal
///   parts of the time where there are more than 2000 changes.
///
/// Throws InputError naming the file where it is no such JSON.
nlohmann::ordered_json timeline_data(const std::filesystem::path& file, std::size_t most_spans = kMostTimelineSpans);

}  // namespace flexcim
