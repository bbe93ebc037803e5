#include "rtl_models/trace/change_log.h"

#include "tests/rtl_models/read_vcd.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

namespace flexcim {
namespace {

using Changes = std::vector<std::pair<std::uint64_t, std::string>>;
constexpr std::uint64_t kEnd = 1'000'000'000;

/// A log of one signal of its own, and the dump of it.
struct Log {
  explicit Log(const std::string& name, std::uint64_t from = 0, std::uint64_t to = kEnd)
      : folder(std::filesystem::temp_directory_path() / ("flexcim_change_log_" + name)),
        log((folder / "wave.vcd").string(), from, to) {
    std::filesystem::create_directories(folder);
  }
  ~Log() { std::filesystem::remove_all(folder); }

  Changes written(VcdVariable::Type type = VcdVariable::Type::wire) {
    const std::string path = (folder / "wave.vcd").string();
    VcdWriter vcd(path, {{"top", "signal", type, 8}});
    ChangeReplay replay(log, vcd);
    replay.write_all();
    vcd.close();
    summary = replay.written();
    return read_vcd(path)["top.signal"];
  }

  std::filesystem::path folder;
  ChangeLog log;
  ChangeReplay::Written summary;
};

TEST_CASE("change log: what is told in any order stands in the order of time") {
  Log log("order");
  const auto signal = log.log.add_number(0, 0);
  log.log.set(signal, 30, std::int64_t{3});
  log.log.set(signal, 10, std::int64_t{1});
  log.log.set(signal, 20, std::int64_t{1});  // no change
  log.log.set(signal, 40, std::int64_t{5});
  log.log.set(signal, 40, std::int64_t{4});  // the last one told
  CHECK(log.written() == Changes{{0, "0"}, {10, "1"}, {30, "11"}, {40, "100"}});
  CHECK(log.summary.changes == 3);
  CHECK(log.summary.first_ps == 10);
  CHECK(log.summary.last_ps == 40);
}

TEST_CASE("change log: while nothing is recorded nothing is written, then what holds") {
  Log log("record");
  const auto signal = log.log.add_number(0, 0);
  for (std::int64_t i = 1; i <= 6; ++i) log.log.set(signal, 10 * i, i);
  log.log.record(true, 5);  // it is on
  log.log.record(false, 20);
  log.log.record(false, 21);
  log.log.record(true, 35);  // 3
  log.log.record(false, 41);
  log.log.record(true, 50);  // the change at that time, once
  log.log.record(false, 55);
  log.log.record(true, 99);  // behind the last change
  CHECK(log.written() == Changes{{0, "0"}, {10, "1"}, {35, "11"}, {40, "100"}, {50, "101"}, {99, "110"}});
  CHECK(log.summary.changes == 5);
}

TEST_CASE("change log: a level is the sum of what overlaps, without glitches") {
  Log log("level");
  const auto signal = log.log.add_level(0);
  log.log.raise(signal, 20, 30, 2);
  log.log.raise(signal, 10, 20);
  log.log.raise(signal, 10, 40);
  CHECK(log.written() == Changes{{0, "0"}, {10, "10"}, {20, "11"}, {30, "1"}, {40, "0"}});
}

TEST_CASE("change log: of states that overlap the first name is shown") {
  Log log("states");
  const auto signal = log.log.add_states(0, {"compute", "wait", "idle"});
  log.log.hold(signal, 10, 50, 1);
  log.log.hold(signal, 20, 30, 0);
  log.log.hold(signal, 30, 35, 0);
  CHECK(log.written(VcdVariable::Type::text) ==
        Changes{{0, "idle"}, {10, "wait"}, {20, "compute"}, {35, "wait"}, {50, "idle"}});
}

TEST_CASE("change log: a cut ends what has been told, not what is told afterwards") {
  Log log("cut");
  const auto signal = log.log.add_level(0);
  log.log.raise(signal, 10, 100);
  log.log.raise(signal, 60, 90, 4);
  log.log.cut(signal, 50);
  log.log.raise(signal, 40, 70, 2);  // began before the cut, but nobody had told of it
  CHECK(log.written() == Changes{{0, "0"}, {10, "1"}, {40, "11"}, {50, "10"}, {70, "0"}});
}

TEST_CASE("change log: what lies before the window gives the values that it begins with") {
  Log log("window", 100, 200);
  const auto signal = log.log.add_level(0);
  log.log.raise(signal, 90, 150, 3);
  log.log.raise(signal, 10, 20, 7);
  log.log.raise(signal, 180, 300, 4);
  log.log.raise(signal, 201, 300, 4);
  CHECK(log.written() == Changes{{100, "11"}, {150, "0"}, {180, "100"}});
}

TEST_CASE("change log: a cut before the window ends what reaches into it") {
  Log log("cut_before", 100, 200);
  const auto signal = log.log.add_level(0);
  log.log.raise(signal, 80, 150, 3);
  log.log.cut(signal, 90);
  log.log.raise(signal, 95, 120);
  CHECK(log.written() == Changes{{100, "1"}, {120, "0"}});
}

TEST_CASE("change log: a signal that is not recorded may be told of") {
  Log log("none");
  log.log.raise(ChangeLog::none, 10, 20);
  log.log.cut(ChangeLog::none, 10);
  CHECK(log.log.empty());
}

TEST_CASE("change log: more changes than stay in memory are sorted, too") {
  Log log("many");
  const auto signal = log.log.add_number(0, 0);
  constexpr std::int64_t kCount = 200'000;  // of 32 bytes: six blocks and some
  std::vector<std::int64_t> times;
  for (std::int64_t i = 1; i <= kCount; ++i) times.push_back(i * 10);
  std::mt19937 random(1);
  std::shuffle(times.begin(), times.end(), random);
  for (const std::int64_t time : times) log.log.set(signal, time, time / 10 % 251);
  const Changes changes = log.written();
  REQUIRE(changes.size() == kCount + 1);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].first != i * 10 || std::stoull(changes[i].second, nullptr, 2) != i % 251) {
      FAIL("change " << i << " at " << changes[i].first);
    }
  }
}

}  // namespace
}  // namespace flexcim
