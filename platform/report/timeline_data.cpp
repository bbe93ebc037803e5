#include "platform/report/timeline_data.h"

#include "platform/report/trace_reader.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostChanges = 2000;
constexpr std::int64_t kOpen = std::numeric_limits<std::int64_t>::max();

struct Span {
  std::int64_t from = 0, to = 0;  ///< ps
  std::size_t name = 0;
  std::size_t merged = 1;  ///< spans that it stands for
};
using Row = std::vector<Span>;

/// A row of a viewer, a row for each depth of nesting.
struct Track {
  std::string name;
  std::vector<Row> rows;
  std::vector<std::pair<std::size_t, std::size_t>> open;  ///< row and index of what has begun and not ended
};

struct Counter {
  std::string name;
  std::vector<std::pair<std::int64_t, double>> changes;
};

class Collector {
 public:
  void add(const TraceEvent& event) {
    end_ = std::max(end_, event.at_ps + event.duration_ps);
    Track& track = tracks_[{event.process, event.thread}];
    switch (event.phase) {
      case 'M':
        if (event.name == "process_name") processes_[event.process] = event.text;
        if (event.name == "thread_name") track.name = event.text;
        break;
      case 'B':
        put(track, event, kOpen);
        break;
      case 'X':
      case 'i':
        put(track, event, event.at_ps + event.duration_ps);
        break;
      case 'E':
        close(track, event.at_ps);
        break;
      case 'C':
        for (const auto& [key, value] : event.values) {
          Counter& counter = counters_[{event.process, event.thread, event.name, key}];
          counter.name = key == "value" ? event.name : event.name + " " + key;
          counter.changes.emplace_back(event.at_ps, value);
        }
        break;
      default:
        break;
    }
  }

  Json json(std::size_t most_spans) {
    for (auto& [id, track] : tracks_) {
      while (!track.open.empty()) close(track, end_);
    }
    const std::size_t all = spans();
    std::int64_t below = 0;
    while (spans() > most_spans) {
      below = below == 0 ? std::max<std::int64_t>(1, end_ / 65536) : below * 2;
      for (auto& [id, track] : tracks_) {
        for (Row& row : track.rows) row = merged(row, below);
      }
    }
    Json json{{"end_ps", end_}, {"spans", all}, {"merged_below_ps", below}, {"names", names_}};
    json["tracks"] = Json::array();
    for (const auto& [id, track] : tracks_) {
      if (track.rows.empty()) continue;
      Json& out = json["tracks"].emplace_back(Json{{"process", processes_[id.first]}, {"track", track.name}});
      for (const Row& row : track.rows) out["rows"].push_back(numbers(row));
    }
    json["counters"] = Json::array();
    for (const auto& [id, counter] : counters_) {
      json["counters"].push_back(
          {{"process", processes_[std::get<0>(id)]}, {"counter", counter.name}, {"points", points(counter.changes)}});
    }
    return json;
  }

 private:
  std::size_t spans() const {
    std::size_t count = 0;
    for (const auto& [id, track] : tracks_) {
      for (const Row& row : track.rows) count += row.size();
    }
    return count;
  }

  void put(Track& track, const TraceEvent& event, std::int64_t to) {
    while (!track.open.empty()) {
      const auto [row, index] = track.open.back();
      if (track.rows[row][index].to > event.at_ps) break;
      track.open.pop_back();
    }
    const std::size_t depth = track.open.size();
    if (track.rows.size() <= depth) track.rows.resize(depth + 1);
    const auto [known, added] = name_indices_.try_emplace(event.name, names_.size());
    if (added) names_.push_back(event.name);
    track.rows[depth].push_back({event.at_ps, to, known->second});
    if (to > event.at_ps) track.open.emplace_back(depth, track.rows[depth].size() - 1);
  }

  /// The innermost that only an E event ends.
  static void close(Track& track, std::int64_t at) {
    while (!track.open.empty()) {
      const auto [row, index] = track.open.back();
      track.open.pop_back();
      Span& span = track.rows[row][index];
      if (span.to != kOpen) continue;
      span.to = at;
      return;
    }
  }

  static Row merged(const Row& row, std::int64_t below) {
    Row shorter;
    for (const Span& span : row) {
      if (!shorter.empty() && span.to - shorter.back().from <= below) {
        shorter.back().to = std::max(shorter.back().to, span.to);
        shorter.back().merged += span.merged;
      } else {
        shorter.push_back(span);
      }
    }
    return shorter;
  }

  static std::vector<std::int64_t> numbers(const Row& row) {
    std::vector<std::int64_t> list;
    std::int64_t before = 0;
    for (const Span& span : row) {
      const auto name = static_cast<std::int64_t>(span.merged == 1 ? span.name : span.merged);
      list.insert(list.end(), {span.from - before, span.to - span.from, span.merged == 1 ? name : -name});
      before = span.from;
    }
    return list;
  }

  Json points(const std::vector<std::pair<std::int64_t, double>>& changes) const {
    Json list = Json::array();
    if (changes.size() <= kMostChanges) {
      for (const auto& [at, value] : changes) list.insert(list.end(), {at, value});
      return list;
    }
    const std::int64_t part = end_ / static_cast<std::int64_t>(kMostChanges) + 1;
    std::vector<double> sums(kMostChanges);
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const std::int64_t until = i + 1 < changes.size() ? changes[i + 1].first : end_;
      for (std::int64_t at = changes[i].first; at < until;) {
        const std::int64_t next = std::min(until, (at / part + 1) * part);
        sums[static_cast<std::size_t>(at / part)] += changes[i].second * static_cast<double>(next - at);
        at = next;
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      list.insert(list.end(), {static_cast<std::int64_t>(i) * part, sums[i] / static_cast<double>(part)});
    }
    return list;
  }

  std::int64_t end_ = 0;
  std::map<int, std::string> processes_;
  std::map<std::pair<int, int>, Track> tracks_;
  std::map<std::tuple<int, int, std::string, std::string>, Counter> counters_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> name_indices_;
};

}  // namespace

Json timeline_data(const std::filesystem::path& file, std::size_t most_spans) {
  Collector collector;
  read_trace(file, [&](const TraceEvent& event) { collector.add(event); });
  return collector.json(most_spans);
}

}  // namespace flexcim
