// Whether a file keeps the rules of Chrome's trace event format (Trace Event Format, Google 2016).
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace flexcim::test {

/// The events of a trace: every one has its keys, processes and rows have names, times of a row or a curve do not go
/// back, slices lie in each other, and all that have begun have ended.
inline nlohmann::json checked_events(const std::string& text) {
  const nlohmann::json trace = nlohmann::json::parse(text);
  CHECK(trace.at("displayTimeUnit") == "ns");
  using Track = std::pair<int, int>;
  std::map<Track, double> last;
  std::map<std::pair<int, std::string>, double> last_of_curve;
  std::set<int> processes;
  std::set<Track> rows;
  std::map<Track, std::vector<std::int64_t>> open;  // ends of slices in ps, -1 for those that wait for E
  for (const nlohmann::json& event : trace.at("traceEvents")) {
    INFO(event.dump());
    const std::string phase = event.at("ph"), name = event.at("name");
    const Track track{event.at("pid"), event.at("tid")};
    const double ts = event.at("ts");
    CHECK(ts >= 0);
    if (phase == "M") {
      CHECK((name == "process_name" || name == "thread_name"));
      CHECK(event.at("args").at("name").is_string());
      const bool first = name == "process_name" ? processes.insert(track.first).second : rows.insert(track).second;
      CHECK(first);
      continue;
    }
    CHECK(processes.count(track.first) == 1);
    if (phase == "C") {
      CHECK_FALSE(name.empty());
      CHECK(event.at("args").size() == 1);
      CHECK(event.at("args").at("value").is_number());
      double& before = last_of_curve[{track.first, name}];
      CHECK(ts >= before);
      before = ts;
      continue;
    }
    CHECK(rows.count(track) == 1);
    CHECK(ts >= last[track]);
    last[track] = ts;
    const auto ps = [](double us) { return std::llround(us * 1e6); };
    std::vector<std::int64_t>& slices = open[track];
    while (!slices.empty() && slices.back() >= 0 && slices.back() <= ps(ts)) slices.pop_back();
    if (phase == "X") {
      const std::int64_t end = ps(ts) + ps(event.at("dur"));
      CHECK(end >= ps(ts));
      if (!slices.empty() && slices.back() >= 0) CHECK(end <= slices.back());
      slices.push_back(end);
    } else if (phase == "B") {
      slices.push_back(-1);
    } else if (phase == "E") {
      REQUIRE_FALSE(slices.empty());
      CHECK(slices.back() == -1);
      slices.pop_back();
    } else {
      CHECK(phase == "i");
      CHECK(event.at("s") == "t");
    }
  }
  for (const auto& [track, slices] : open) {
    for (const std::int64_t slice : slices) CHECK(slice != -1);
  }
  return trace.at("traceEvents");
}

/// Those of a phase and, where it is not empty, a name.
inline std::vector<nlohmann::json> events_of(const nlohmann::json& events, int process, const std::string& phase,
                                             const std::string& name = {}) {
  std::vector<nlohmann::json> found;
  for (const nlohmann::json& event : events) {
    if (event["pid"] == process && event["ph"] == phase && (name.empty() || event["name"] == name)) {
      found.push_back(event);
    }
  }
  return found;
}

/// The slices of the rows with that name.
inline std::vector<nlohmann::json> slices_of(const nlohmann::json& events, int process, const std::string& row) {
  std::set<int> threads;
  for (const auto& event : events_of(events, process, "M", "thread_name")) {
    if (event["args"]["name"] == row) threads.insert(event["tid"].get<int>());
  }
  std::vector<nlohmann::json> slices = events_of(events, process, "X");
  slices.erase(std::remove_if(slices.begin(), slices.end(),
                              [&](const nlohmann::json& event) { return threads.count(event["tid"]) == 0; }),
               slices.end());
  return slices;
}

/// How many slices the rows of a process have, by the rows' names; those without are not there.
inline std::map<std::string, std::size_t> rows_of(const nlohmann::json& events, int process) {
  std::map<int, std::string> names;
  for (const auto& event : events_of(events, process, "M", "thread_name")) names[event["tid"]] = event["args"]["name"];
  std::map<std::string, std::size_t> rows;
  for (const auto& event : events_of(events, process, "X")) ++rows[names.at(event["tid"])];
  return rows;
}

/// The curves of a process, and the largest value of each.
inline std::map<std::string, double> curves_of(const nlohmann::json& events, int process) {
  std::map<std::string, double> curves;
  for (const auto& event : events_of(events, process, "C")) {
    double& most = curves[event["name"]];
    most = std::max(most, event["args"]["value"].get<double>());
  }
  return curves;
}

}  // namespace flexcim::test
