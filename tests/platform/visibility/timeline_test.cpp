// timeline.json: the rules of its format, and what is in it.
#include "platform/visibility/timeline.h"

#include "flow/base/json_output.h"
#include "tests/platform/temp_folder.h"
#include "tests/platform/visibility/trace_check.h"

#include <catch2/catch.hpp>

namespace flexcim {
namespace {

using test::checked_events;
using test::curves_of;
using test::events_of;
using test::rows_of;

constexpr Picoseconds kWindow = 1'000'000;
enum { kHost = 1, kAccelerator, kDma, kDram, kPower = 100 };

/// What `draw` has drawn.
nlohmann::json drawn(const std::function<void(Timeline&)>& draw, const TimelineOptions& options = {kWindow}) {
  const TempFolder folder;
  Timeline timeline(folder.path() / "timeline.json", options);
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
    for (int i = 0; i < kDeep; ++i) timeline.enter_function(json_string("f\"\xff"), i);
    for (int i = 0; i < kDeep; ++i) timeline.leave_function(kDeep + i);
  });
  CHECK(events_of(events, kHost, "B").size() == 256);
  CHECK(events_of(events, kHost, "E").size() == 256);
  CHECK(events_of(events, kHost, "B")[0]["name"] == "f\"\xef\xbf\xbd");
}

TEST_CASE("Timeline: behind the most functions that it shows the others are left out, and it says so") {
  const TempFolder folder;
  TimelineOptions options{kWindow};
  options.most_slices = 3;
  Timeline timeline(folder.path() / "timeline.json", options);
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
  TimelineCommand command{"q_proj", 7, "BAD_SHAPE", 12, 2000, 5000, 14000};
  const auto commands = events_of(drawn([&](Timeline& timeline) { timeline.command(command); }), kAccelerator, "X");
  REQUIRE(commands.size() == 2);
  CHECK(commands[1]["name"] == "fetch");
  CHECK(commands[1]["tid"] != commands[0]["tid"]);
  CHECK(commands[1]["ts"] == commands[0]["ts"]);
  CHECK(commands[1]["dur"].get<double>() == 0.003);
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
  CHECK(curve == std::vector<std::pair<double, double>>{{0, 96e6}, {1, 0}, {5, 64e6}, {6, 0}});
}

TEST_CASE("Timeline: an access is in the rows of every channel that it touches") {
  TimelineOptions options{kWindow};
  options.dram_channels = 3;
  options.interleave_bytes = 256;
  const auto events = drawn(
      [](Timeline& timeline) {
        timeline.dram_access({false, 200, 100, 0, 100}, 100);  // 56 bytes of channel 0, 44 of channel 1
        timeline.dram_access({true, 512, 768, 50, 200}, 200);  // 256 of each
        timeline.dram_access({true, 1024, 64, 200, 300}, 300);
      },
      options);
  const auto bytes = [&](int channel) {
    std::vector<int> all;
    for (const auto& event : events_of(events, kDram + channel, "X")) all.push_back(event["args"]["bytes"]);
    return all;
  };
  CHECK(events_of(events, kDram + 1, "M", "process_name").at(0)["args"]["name"] == "DRAM channel 1");
  CHECK(bytes(0) == std::vector<int>{56, 256});
  CHECK(bytes(1) == std::vector<int>{44, 256, 64});
  CHECK(bytes(2) == std::vector<int>{256});
  CHECK(curves_of(events, kDram + 1)["bytes_per_s"] == 364e6);
}

TEST_CASE("Timeline: loads, tiles and write-backs have rows, those of write-backs may overlap") {
  using Kind = TimelineWork::Kind;
  const auto events = drawn([](Timeline& timeline) {
    timeline.work({Kind::load, 0, 640, 0, 32});
    timeline.work({Kind::compute, 0, 9000, 32, 64});
    timeline.work({Kind::load, 1, 640, 64, 96});
    timeline.work({Kind::write_back, 0, 128, 64, 200});
    timeline.work({Kind::write_back, 1, 128, 150, 260});
  });
  CHECK(rows_of(events, kAccelerator) ==
        std::map<std::string, std::size_t>{
            {"tiles", 1}, {"weight loads", 2}, {"write-backs 0", 1}, {"write-backs 1", 1}});
  const auto work = events_of(events, kAccelerator, "X");
  CHECK(work[1]["name"] == "tile 0");
  CHECK(work[1]["args"] == nlohmann::json{{"macs", 9000}});
  CHECK(work[2]["name"] == "load 1");
  CHECK(work[4]["name"] == "output tile 1");
  CHECK(work[4]["args"] == nlohmann::json{{"bytes", 128}});
}

TEST_CASE("Timeline: curves are drawn where they change, and are 0 where they are not told") {
  const auto events = drawn([](Timeline& timeline) {
    using Curves = Timeline::Curves;
    timeline.value(Curves::power, "dram_mw", 0, kWindow, 2.5);
    timeline.value(Curves::power, "dram_mw", kWindow, 2 * kWindow, 2.5);
    timeline.value(Curves::accelerator, "dram_mw", 0, kWindow, 7);
    timeline.value(Curves::power, "dram_mw", 3 * kWindow, 4 * kWindow, 1);
    timeline.queued(1, 500);
    timeline.queued(1, 600);
    timeline.queued(0, 700);
  });
  std::vector<std::pair<double, double>> curve;
  for (const auto& event : events_of(events, kPower, "C")) curve.emplace_back(event["ts"], event["args"]["value"]);
  CHECK(curve == std::vector<std::pair<double, double>>{{0, 2.5}, {2, 0}, {3, 1}, {4, 0}});
  CHECK(events_of(events, kAccelerator, "C", "dram_mw").size() == 2);
  CHECK(events_of(events, kAccelerator, "C", "queued").size() == 2);
}

namespace {

/// `count` of everything that has slices, one behind the other.
void draw_all(Timeline& timeline, int count) {
  for (int i = 0; i < count; ++i) {
    const Picoseconds from = 10 * i, to = from + 10;
    timeline.host(i % 2 == 0 ? "running" : "sleeping", to);
    timeline.enter_function("\"f\"", from);
    timeline.leave_function(to);
    timeline.interrupt({1, from, from + 3, to, false}, "UART");
    for (const char c : {'x', '\n'}) timeline.sent(c, from);
    timeline.queued(1 + static_cast<std::uint32_t>(i), from);
    timeline.command({"c", 0, "", 10, from, from + 2, to});
    for (const auto kind : {TimelineWork::Kind::load, TimelineWork::Kind::compute, TimelineWork::Kind::write_back}) {
      timeline.work({kind, static_cast<std::uint64_t>(i), 1, from, to});
    }
    timeline.burst({false, 0, 64, from, to}, to);
    timeline.dram_access({false, 0, 64, from, to}, to);
    timeline.value(Timeline::Curves::power, "total_mw", from, to, i + 1);
  }
}

/// Events by process, row and phase; names, and B with its E, count once.
std::map<std::string, int> counts_of(const nlohmann::json& events) {
  std::map<std::string, int> counts;
  for (const auto& event : events) {
    const std::string phase = event["ph"];
    if (phase == "M" || phase == "E") continue;
    const std::string what = phase == "C" ? event["name"].get<std::string>() : event["tid"].dump() + phase;
    ++counts[event["pid"].dump() + "/" + what];
  }
  return counts;
}

}  // namespace

TEST_CASE("Timeline: slices of every kind are bounded, which a mark says, and curves by windows go on") {
  TimelineOptions options{10};
  options.most_slices = 3;
  const auto events = drawn([](Timeline& timeline) { draw_all(timeline, 20); }, options);
  std::set<std::string> marks;
  for (const auto& event : events) {
    if (event["ph"] == "i" && event["name"] != "x") marks.insert(event["name"]);
  }
  std::set<std::string> expected;
  for (const char* kind : {"states", "functions", "interrupts", "lines", "changes of the queue", "commands",
                           "weight loads", "tiles", "write-backs", "bursts", "accesses"}) {
    expected.insert(std::string("too many ") + kind + ": those from here on are left out");
  }
  CHECK(marks == expected);
  for (const auto& [what, count] : counts_of(events)) {
    INFO(what);
    if (what.back() == 'X' || what.back() == 'B') CHECK(count == 3);
    if (what.find("/queued") != std::string::npos) CHECK(count == 3);
    if (what.find("_mw") != std::string::npos) CHECK(count == 20 + 1);
    if (what.find("bytes_per_s") != std::string::npos) CHECK(count == 2);  // always the same, and its end
  }
}

TEST_CASE("Timeline: of a span of time it has what overlaps it, as a whole") {
  TimelineOptions options{10};
  options.from_ps = 45;
  options.to_ps = 75;
  const auto events = drawn(
      [](Timeline& timeline) {
        timeline.enter_function("\"outer\"", 5);
        draw_all(timeline, 20);
        timeline.leave_function(300);
      },
      options);
  const auto counts = counts_of(events);
  for (const auto& [what, count] : counts) {
    INFO(what);
    // 40..50, 50..60, 60..70, 70..80
    if (what.back() == 'X') CHECK(count == 4);
  }
  // The outer one, of the others those that are left not before 45.
  CHECK(counts.at("1/2B") == 1 + 4);
  CHECK(events_of(events, kHost, "B").at(0)["name"] == "outer");
  CHECK(events_of(events, kHost, "B").at(0)["ts"].get<double>() == 5e-6);
  CHECK(events_of(events, kHost, "E").back()["ts"].get<double>() == 300e-6);
  CHECK(counts.at("1/3i") == 3);
  CHECK(counts.at("2/queued") == 3);
  CHECK(counts.at("100/total_mw") == 4 + 1);
}

}  // namespace flexcim
