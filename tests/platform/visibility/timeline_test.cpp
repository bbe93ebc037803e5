// timeline.json: the rules of its format, and what is in it.
#include "platform/visibility/timeline.h"

#include "tests/platform/temp_folder.h"
#include "tests/platform/visibility/trace_check.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

using test::checked_events;
using test::events_of;

constexpr Picoseconds kWindow = 1'000'000;
enum { kHost = 1, kAccelerator, kDma, kDram };

/// What `draw` has drawn.
nlohmann::json drawn(const std::function<void(Timeline&)>& draw) {
  const TempFolder folder;
  Timeline timeline(folder.path() / "timeline.json", kWindow);
  draw(timeline);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "timeline.json"));
  timeline.finish();
  return checked_events(folder.read("timeline.json"));
}

}  // namespace

TEST_CASE("Timeline: nothing at all is a trace, too") {
  const auto events = drawn([](Timeline&) {});
  CHECK(events_of(events, kHost, "X").empty());
  CHECK(events_of(events, kHost, "M", "process_name").at(0)["args"]["name"] == "host");
}

TEST_CASE("Timeline: states of the host follow each other, times are exact to the picosecond") {
  const auto events = drawn([](Timeline& timeline) {
    timeline.host("running", 1'000'001);
    timeline.host("accessing", 1'000'001, "UART.DIV");  // takes no time
    timeline.host("accessing", 123'456'789'012'345, "UART.DIV");
  });
  const auto states = events_of(events, kHost, "X");
  REQUIRE(states.size() == 2);
  CHECK(states[0]["dur"].dump() == "1.000001");
  CHECK(states[1]["ts"].dump() == "1.000001");
  CHECK(states[1]["dur"].get<double>() == Approx(123'456'788.012344).epsilon(1e-15));
  CHECK(states[1]["args"]["place"] == "UART.DIV");
}

TEST_CASE("Timeline: functions nest, those that are too deep for viewers are left out") {
  constexpr int kDeep = 1000;
  const auto events = drawn([](Timeline& timeline) {
    for (int i = 0; i < kDeep; ++i) timeline.enter_function(json_text("f\"\xff"), i);
    for (int i = 0; i < kDeep; ++i) timeline.leave_function(kDeep + i);
  });
  CHECK(events_of(events, kHost, "B").size() == 256);
  CHECK(events_of(events, kHost, "E").size() == 256);
  CHECK(events_of(events, kHost, "B")[0]["name"] == "f\"\xef\xbf\xbd");
}

TEST_CASE("Timeline: behind the most functions that it shows the others are left out, and it says so") {
  const TempFolder folder;
  Timeline timeline(folder.path() / "timeline.json", kWindow, 3);
  timeline.enter_function("\"outer\"", 0);
  for (Picoseconds at = 1; at < 10; ++at) {
    timeline.enter_function("\"inner\"", at);
    timeline.leave_function(at);
  }
  timeline.leave_function(20);
  timeline.finish();
  const auto events = checked_events(folder.read("timeline.json"));
  const auto ends = events_of(events, kHost, "E"), marks = events_of(events, kHost, "i");
  CHECK(events_of(events, kHost, "B").size() == 3);
  REQUIRE(ends.size() == 3);
  CHECK(ends.back()["ts"].get<double>() == 20e-6);
  REQUIRE(marks.size() == 1);
  CHECK_THAT(marks[0]["name"].get<std::string>(), Catch::Contains("too many functions"));
  CHECK(marks[0]["ts"].get<double>() == 3e-6);
}

TEST_CASE("Timeline: interrupts wait in one row and are served in another, also when they overlap") {
  const auto events = drawn([](Timeline& timeline) {
    timeline.interrupt({1, 100, 200, 500, false}, "UART");
    timeline.interrupt({1, 450, 600, 700, true}, "UART");
  });
  const auto slices = events_of(events, kHost, "X");
  REQUIRE(slices.size() == 4);
  CHECK(slices[0]["name"] == "UART");
  CHECK(slices[1]["name"] == "handler");
  CHECK(slices[3]["name"] == "polled");
}

TEST_CASE("Timeline: commands have their layer, tag and error") {
  TimelineCommand command{"q_proj", 7, "BAD_SHAPE", 12, 2000, 14000};
  const auto commands = events_of(drawn([&](Timeline& timeline) { timeline.command(command); }), kAccelerator, "X");
  REQUIRE(commands.size() == 1);
  CHECK(commands[0]["name"] == "q_proj");
  CHECK(commands[0]["dur"].get<double>() == 0.012);
  CHECK(commands[0]["args"] == nlohmann::json{{"tag", 7}, {"cycles", 12}, {"error", "BAD_SHAPE"}});
}

TEST_CASE("Timeline: lines of the UART stand where they begin") {
  const auto lines = events_of(drawn([](Timeline& timeline) {
                                 Picoseconds at = 0;
                                 for (const char c : std::string("one\n\ntwo")) timeline.sent(c, at++);
                               }),
                               kHost, "i");
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["name"] == "one");
  CHECK(lines[1]["name"] == "two");
  CHECK(lines[1]["ts"].dump() == "5e-06");
}

TEST_CASE("Timeline: bursts that overlap lie in rows of their own, and are counted") {
  const auto events = drawn([](Timeline& timeline) {
    timeline.burst({false, 0x40, 64, 100, 300}, 200);
    timeline.burst({true, 0x80, 64, 200, 400}, 400);
    timeline.burst({false, 0xC0, 64, 400, 500}, 500);
  });
  const auto bursts = events_of(events, kDma, "X");
  REQUIRE(bursts.size() == 3);
  CHECK(bursts[0]["tid"] != bursts[1]["tid"]);
  CHECK(bursts[2]["tid"] == bursts[1]["tid"]);
  CHECK(bursts[1]["name"] == "write");
  CHECK(bursts[1]["args"] == nlohmann::json{{"address", "0x80"}, {"bytes", 64}});
  std::vector<std::pair<double, int>> curve;
  for (const auto& event : events_of(events, kDma, "C")) curve.emplace_back(event["ts"], event["args"]["value"]);
  // At 400 one ends and one begins.
  CHECK(curve == std::vector<std::pair<double, int>>{{0.0001, 1}, {0.0002, 2}, {0.0003, 1}, {0.0005, 0}});
}

TEST_CASE("Timeline: bytes per second of the DRAM, window by window") {
  const auto events = drawn([](Timeline& timeline) {
    timeline.dram_access({false, 0, 64, 0, 100}, 100);
    timeline.dram_access({false, 0, 32, 0, kWindow - 1}, kWindow - 1);
    timeline.dram_access({false, 0, 64, 0, 5 * kWindow}, 5 * kWindow);
  });
  std::vector<std::pair<double, double>> curve;
  for (const auto& event : events_of(events, kDram, "C")) curve.emplace_back(event["ts"], event["args"]["value"]);
  // 96 bytes in a microsecond, nothing in four, 64.
  CHECK(curve == std::vector<std::pair<double, double>>{{0, 96e6}, {1, 0}, {5, 64e6}});
}

}  // namespace flexcim
