// A timeline in few spans: what is shown lies where it was, and what is merged is counted.
#include "platform/report/timeline_data.h"

#include "flow/base/error.h"
#include "tests/flow/tiny_model.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <string>

using namespace flexcim;
using Json = nlohmann::ordered_json;

namespace {

class TraceFile {
 public:
  explicit TraceFile(const std::string& text) { write_file(path(), text); }
  std::string path() const { return scratch_ / "timeline.json"; }

 private:
  Scratch scratch_;
};

Json data_of(const std::string& events, std::size_t most = kMostTimelineSpans) {
  const TraceFile file(R"({"displayTimeUnit":"ns","traceEvents":[)" + events + "\n]}\n");
  return timeline_data(file.path(), most);
}

const char* const kNames = R"({"ph":"M","pid":1,"tid":0,"ts":0.000000,"name":"process_name","args":{"name":"host"}},
{"ph":"M","pid":1,"tid":2,"ts":0.000000,"name":"thread_name","args":{"name":"functions"}})";

std::string slice(double us, double duration) {
  return fmt::format(R"(,{{"ph":"X","pid":1,"tid":2,"ts":{:.6f},"name":"read","dur":{:.6f},"args":{{"bytes":64}}}})",
                     us, duration);
}

}  // namespace

TEST_CASE("Timeline in a report: functions lie in rows by depth, and what never ends goes on to the end") {
  const Json data = data_of(kNames + std::string(R"(,
{"ph":"B","pid":1,"tid":2,"ts":1.000001,"name":"main"},
{"ph":"B","pid":1,"tid":2,"ts":2.000000,"name":"put"},
{"ph":"E","pid":1,"tid":2,"ts":2.500000,"name":""},
{"ph":"B","pid":1,"tid":2,"ts":3.000000,"name":"put"},
{"ph":"E","pid":1,"tid":2,"ts":3.250000,"name":""},
{"ph":"i","pid":1,"tid":3,"ts":9.000000,"name":"hello","s":"t"})"));
  CHECK(data["end_ps"] == 9'000'000);
  CHECK(data["spans"] == 4);
  CHECK(data["merged_below_ps"] == 0);
  CHECK(data["names"] == Json{"main", "put", "hello"});
  REQUIRE(data["tracks"].size() == 2);
  CHECK(data["tracks"][0]["process"] == "host");
  CHECK(data["tracks"][0]["track"] == "functions");
  CHECK(data["tracks"][0]["rows"][0] == Json{1'000'001, 7'999'999, 0});
  CHECK(data["tracks"][0]["rows"][1] == Json{2'000'000, 500'000, 1, 1'000'000, 250'000, 1});
  CHECK(data["tracks"][1]["rows"][0] == Json{9'000'000, 0, 2});
}

TEST_CASE("Timeline in a report: of too many spans, neighbours become one that says how many it is") {
  std::string events = kNames;
  for (int i = 0; i < 1000; ++i) events += slice(i, 0.5);
  events += slice(2000, 1000);  // longer than any merged one
  const Json all = data_of(events);
  CHECK(all["tracks"][0]["rows"][0].size() == 3 * 1001);
  const Json few = data_of(events, 100);
  CHECK(few["spans"] == 1001);
  const Json& row = few["tracks"][0]["rows"][0];
  REQUIRE(row.size() <= 3 * 100);
  REQUIRE(row.size() > 3 * 50);
  std::int64_t at = 0, until = 0, counted = 0;
  for (std::size_t i = 0; i < row.size(); i += 3) {
    at += row[i].get<std::int64_t>();
    CHECK(at >= until);
    until = at + row[i + 1].get<std::int64_t>();
    const auto name = row[i + 2].get<std::int64_t>();
    counted += name < 0 ? -name : 1;
    if (name < 0) CHECK(row[i + 1].get<std::int64_t>() <= few["merged_below_ps"].get<std::int64_t>());
  }
  CHECK(counted == 1001);
  CHECK(at == 2'000'000'000);
  CHECK(until == 3'000'000'000);
}

TEST_CASE("Timeline in a report: a curve of many changes keeps its mean") {
  std::string events = kNames;
  for (int i = 0; i < 4001; ++i) {
    events += fmt::format(R"(,{{"ph":"C","pid":1,"tid":0,"ts":{}.000000,"name":"outstanding","args":{{"value":{}}}}})",
                          i, i % 2 == 0 ? 6 : 2);
  }
  const Json data = data_of(events);
  REQUIRE(data["counters"].size() == 1);
  CHECK(data["counters"][0]["counter"] == "outstanding");
  const Json& points = data["counters"][0]["points"];
  REQUIRE(points.size() == 2 * 2000);
  double sum = 0;
  for (std::size_t i = 1; i < points.size(); i += 2) sum += points[i].get<double>();
  CHECK(sum / 2000 == Approx(4).epsilon(1e-3));
  CHECK(points[21].get<double>() == Approx(4).epsilon(1e-2));
}

TEST_CASE("Timeline in a report: what is no trace is refused by name") {
  const TraceFile cut("{\"traceEvents\":[{\"ph\":\"X\"");
  CHECK_THROWS_WITH(timeline_data(cut.path()), Catch::Contains("timeline.json: is no JSON at byte 26"));
  const TraceFile other("{\"events\":[]}");
  CHECK_THROWS_WITH(timeline_data(other.path()), Catch::Contains("timeline.json: has no traceEvents"));
}
