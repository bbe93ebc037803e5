// Whether a file keeps the rules of Chrome's trace event format (Trace Event Format, Google 2016).
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace flexcim::test {

/// The events of a trace: every one has its keys, times of a track do not go back, slices lie in each other, and all
/// that have begun have ended.
inline nlohmann::json checked_events(const std::string& text) {
  const nlohmann::json trace = nlohmann::json::parse(text);
  CHECK(trace.at("displayTimeUnit") == "ns");
  using Track = std::pair<int, int>;
  std::map<Track, double> last;
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
      continue;
    }
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
    } else if (phase == "C") {
      CHECK(event.at("args").at("value").is_number());
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

}  // namespace flexcim::test
