#include "platform/program/power_log.h"

#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <random>

namespace flexcim {
namespace {

struct Told {
  ActivityKind kind;
  std::int64_t start_ps, end_ps;
  AcceleratorEvents events;
};

/// What the log gives of one window.
struct Row {
  std::int64_t end_ps;
  AcceleratorEvents events;
  SocCounts counts;
};

std::vector<Row> rows_of(PowerLog& log, std::int64_t end_ps) {
  std::vector<Row> rows;
  log.replay(end_ps, [&](std::int64_t end, const AcceleratorEvents& events, const SocCounts& counts) {
    rows.push_back({end, events, counts});
  });
  return rows;
}

/// value * part / whole, rounded down.
std::uint64_t share(std::uint64_t value, std::int64_t part, std::int64_t whole) {
  return static_cast<std::uint64_t>(static_cast<unsigned __int128>(value) * static_cast<std::uint64_t>(part) /
                                    static_cast<std::uint64_t>(whole));
}

/// Up to `ps`, spread evenly; all that has begun at the end of the run.
AcceleratorEvents by_definition(const std::vector<Told>& told, std::int64_t ps, bool last) {
  AcceleratorEvents sum;
  for (const Told& each : told) {
    const bool all = last || each.end_ps <= ps;
    if (!last && each.start_ps >= ps) continue;  // what takes no time is done in the window that it begins
    for (const auto& counter : StatisticList<AcceleratorEvents>::list) {
      const std::uint64_t total = counter.of(each.events);
      counter.at(sum) += all ? total : share(total, ps - each.start_ps, each.end_ps - each.start_ps);
    }
  }
  return sum;
}

SocCounts counts(std::uint64_t n) {
  SocCounts counts;
  counts.host.instructions = n;
  return counts;
}

}  // namespace

TEST_CASE("Events are spread evenly over their interval, whatever the window") {
  const TempFolder folder;
  for (const std::int64_t window : {1, 7, 1000, 100000, 10000000}) {
    PowerLog log(window, (folder.path() / "power.csv").string());
    std::mt19937 random(5);
    std::vector<Told> told;
    std::int64_t start = 0;
    for (int i = 0; i < 60; ++i) {
      start += static_cast<std::int64_t>(random() % 300);
      Told each{static_cast<ActivityKind>(random() % kActivityKinds),
                start,
                start + static_cast<std::int64_t>(random() % 900),
                {}};
      if (i % 10 == 0) each.end_ps = each.start_ps;
      each.events.dma_reads = random() % 5000;
      if (each.kind == ActivityKind::compute) each.events.macro.products = std::uint64_t{random()} << 20;
      told.push_back(each);
    }
    // Bursts that have overtaken each other.
    std::swap(told[20], told[21]);
    std::swap(told[40], told[43]);
    for (const Told& each : told) log.on_activity(each.kind, each.start_ps, each.end_ps, each.events);
    const std::int64_t end = start + 350;  // some go on behind it
    const std::vector<Row> rows = rows_of(log, end);
    REQUIRE(rows.size() == static_cast<std::size_t>((end + window - 1) / window));
    bool equal = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int64_t to = std::min(end, static_cast<std::int64_t>(i + 1) * window);
      equal = equal && rows[i].end_ps == to;
      // What lies inside of one window has its time in it.
      equal = equal && rows[i].events == by_definition(told, to, i + 1 == rows.size());
    }
    INFO("window " << window);
    CHECK(equal);
    CHECK(rows_of(log, end).size() == rows.size());  // again
  }
}

TEST_CASE("Accesses of the DRAM are spread like the accelerator's events") {
  const TempFolder folder;
  PowerLog log(100, (folder.path() / "power.csv").string());
  DramEvents events;
  events.read_bursts = 8;
  events.activates = 1;
  log.on_access(10, 90, events);    // in one window
  log.on_access(50, 250, events);   // in three
  log.on_access(280, 600, events);  // goes on behind the end
  std::vector<std::uint64_t> bursts, activates;
  for (const Row& row : rows_of(log, 350)) {
    bursts.push_back(row.counts.dram.read_bursts);
    activates.push_back(row.counts.dram.activates);
  }
  CHECK(bursts == std::vector<std::uint64_t>{10, 14, 16, 24});
  CHECK(activates == std::vector<std::uint64_t>{1, 1, 2, 3});
}

TEST_CASE("Counts hold until they change") {
  const TempFolder folder;
  PowerLog log(1000, (folder.path() / "power.csv").string());
  log.sample(0, counts(0));
  log.sample(2, counts(5));
  log.sample(3, counts(5));
  log.sample(6, counts(9));
  std::vector<std::uint64_t> seen;
  for (const Row& row : rows_of(log, 7500)) seen.push_back(row.counts.host.instructions);
  CHECK(seen == std::vector<std::uint64_t>{0, 0, 5, 5, 5, 5, 9, 9});
  CHECK(rows_of(log, 0).empty());
  CHECK(rows_of(log, 1).size() == 1);
  CHECK(rows_of(log, 1)[0].counts.host.instructions == 9);  // the end has all
}

TEST_CASE("What is kept depends on what happens, not on the number of windows, and leaves no file") {
  const TempFolder folder;
  PowerLog log(1, (folder.path() / "power.csv").string());
  AcceleratorEvents burst;
  burst.dma_reads = 256;
  constexpr std::uint64_t kBursts = 200000;  // beyond what stays in memory
  for (std::uint64_t i = 0; i < kBursts; ++i) {
    const auto start = static_cast<std::int64_t>(i) * 10;
    log.on_activity(ActivityKind::dma, start, start + 25, burst);
    log.sample(i * 10, counts(i));
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  std::uint64_t rows = 0;
  AcceleratorEvents total;
  log.replay(kBursts * 10, [&](std::int64_t, const AcceleratorEvents& events, const SocCounts&) {
    ++rows;
    total = events;
  });
  CHECK(rows == kBursts * 10);
  CHECK(total.dma_reads == kBursts * 256);
}

TEST_CASE("A folder in which nothing can be kept is an error of power.csv") {
  PowerLog log(1, "/nonexistent/power.csv");
  const auto sample = [&] {
    for (std::uint64_t i = 0; i < 10000; ++i) log.sample(i, counts(i));
  };
  const std::string message = "/nonexistent/power.csv: cannot make a file for what has been recorded for it";
  CHECK_THROWS_WITH(sample(), Catch::StartsWith(message));
  CHECK_THROWS_WITH(log.replay(1, [](auto&&...) {}), Catch::StartsWith(message));
}

}  // namespace flexcim
