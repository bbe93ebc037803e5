#include "platform/program/buffer_log.h"

#include "tests/platform/temp_folder.h"
#include "tlm/fabric/picoseconds.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <functional>
#include <random>

namespace flexcim {
namespace {

constexpr auto kWeight = static_cast<std::size_t>(BufferId::weight);

struct Log {
  TempFolder folder;
  const Picoseconds window_ps;
  BufferLog log;

  explicit Log(Picoseconds window, Picoseconds clock = 1, const std::function<Picoseconds()>& now = now_picoseconds)
      : window_ps(window), log(window, clock, (folder.path() / "activity.csv").string(), now) {}

  void fill(BufferId buffer, Cycle at, std::uint64_t bytes, std::uint64_t rows = 1, Cycle row_cycles = 0) {
    BufferAccess access;
    access.buffer = buffer;
    access.at = at;
    access.rows = rows;
    access.row_cycles = row_cycles;
    access.row_bytes = bytes;
    log.on_access(access);
  }
  /// Of every window.
  std::vector<double> means(std::size_t buffer, Picoseconds end_ps) {
    std::vector<double> means;
    BufferLog::Reader reader = log.read(end_ps);
    for (Picoseconds from = 0; from < end_ps; from += window_ps) {
      means.push_back(reader.next(from, std::min(end_ps, from + window_ps))[buffer]);
    }
    return means;
  }
};

}  // namespace

TEST_CASE("Buffer log: bytes count for as long as they are held") {
  Log log(100, 2);
  log.fill(BufferId::weight, 10, 40, 3, 25);  // at 20, 70 and 120 ps
  log.log.on_free(BufferId::weight, 90, 200);
  log.log.on_free(BufferId::weight, 30, 215);  // at 400 and 430 ps, of a run that ends at 450
  log.fill(BufferId::weight, 220, 1000);       // at 440
  log.fill(BufferId::weight, 230, 1000);       // behind its end
  const std::vector<double> expected{(40 * 80 + 40 * 30) / 100.0, (80 * 100 + 40 * 80) / 100.0, 120, 120,
                                     (30 * 30 + 1000 * 10) / 50.0};
  CHECK(log.means(kWeight, 450) == expected);
  CHECK(log.means(kWeight, 450) == expected);  // again
  CHECK(log.means(static_cast<std::size_t>(BufferId::output), 450) == std::vector<double>(5, 0.0));
}

TEST_CASE("Buffer log: rows of one access are those told one by one") {
  constexpr Picoseconds kEnd = 100'000;
  for (const Picoseconds window : {Picoseconds{7}, Picoseconds{100}, kEnd}) {
    Log rows(window), single(window);
    std::mt19937 random(5);
    Picoseconds settled = 0;
    for (Cycle at = 0; at < 90'000;) {
      const std::uint64_t count = 1 + random() % 30, bytes = 1 + random() % 100;
      const Cycle period = random() % 3 == 0 ? 0 : random() % 40;
      rows.fill(BufferId::weight, at, bytes, count, period);
      for (std::uint64_t row = 0; row < count; ++row) single.fill(BufferId::weight, at + row * period, bytes);
      at += count * period + random() % 200;
      if (random() % 2 != 0) continue;
      settled = std::max(settled, static_cast<Picoseconds>(at - random() % std::min<Cycle>(at + 1, 300)));  // amid rows
      rows.log.settle(settled);
      single.log.settle(settled);
    }
    CHECK((rows.means(kWeight, kEnd) == single.means(kWeight, kEnd)));
  }
}

TEST_CASE("Buffer log: sums and inputs that are read, loads and write-backs bring no bytes") {
  Log log(100);
  for (const auto kind : {BufferAccess::Kind::load, BufferAccess::Kind::pass, BufferAccess::Kind::accumulate,
                          BufferAccess::Kind::write_back}) {
    BufferAccess access;
    access.buffer = BufferId::weight;
    access.kind = kind;
    access.row_bytes = 64;
    log.log.on_access(access);
    access.first = true;
    if (kind == BufferAccess::Kind::accumulate) log.log.on_access(access);
  }
  CHECK(log.means(kWeight, 100) == std::vector<double>{64});
}

TEST_CASE("Buffer log: when it is settled makes no difference, and what it keeps leaves no file") {
  constexpr Picoseconds kEnd = 400'000;
  std::vector<std::vector<double>> seen;
  for (const Picoseconds step : {Picoseconds{7}, Picoseconds{1000}, kEnd}) {
    Log log(10);
    std::mt19937 random(3);
    Picoseconds comes = 0, goes = 0, settled = 0;
    std::uint64_t held = 0;
    while (comes < kEnd) {
      comes += 6 + static_cast<Picoseconds>(random() % 40);  // rows of one access end before those of the next
      const std::uint64_t bytes = 1 + random() % 100;
      log.fill(BufferId::weight, static_cast<Cycle>(comes), bytes, 2, 5);
      held += 2 * bytes;
      goes = std::max(goes, comes + 6) + static_cast<Picoseconds>(random() % 20);
      if (random() % 3 == 0) log.log.on_free(BufferId::weight, std::exchange(held, 0), static_cast<Cycle>(goes));
      while (settled + step <= std::min(comes, kEnd)) log.log.settle(settled += step);
    }
    CHECK(std::filesystem::is_empty(log.folder.path()));
    seen.push_back(log.means(kWeight, kEnd));
  }
  CHECK((seen[0] == seen[1]));
  CHECK((seen[0] == seen[2]));
  CHECK(seen[0].size() == kEnd / 10);
}

TEST_CASE("Buffer log: what waits does not grow with what is told, however long a window is") {
  constexpr Picoseconds kEnd = 2'000'000, kAhead = 3000, kEvery = 10;
  for (const Picoseconds window : {Picoseconds{500}, kEnd}) {
    std::vector<std::vector<double>> seen;
    for (const bool goes_on : {true, false}) {
      Picoseconds now = 0;
      Log log(window, 1, [&] { return goes_on ? now : 0; });
      std::size_t most = 0;
      for (; now < kEnd; now += kEvery) {
        const auto at = static_cast<Cycle>(now + kAhead);
        log.fill(BufferId::weight, at, static_cast<std::uint64_t>(1 + now % 70));
        log.log.on_free(BufferId::weight, static_cast<std::uint64_t>(1 + now % 70), at + 333);
        most = std::max(most, log.log.waiting());
      }
      constexpr std::size_t kTold = 2 * kEnd / kEvery;
      if (goes_on) CHECK(most < kTold / 20);
      if (!goes_on) CHECK(most == kTold);  // otherwise there is nothing that could have waited
      seen.push_back(log.means(kWeight, kEnd));
    }
    CHECK((seen[0] == seen[1]));
  }
}

TEST_CASE("Buffer log: when a command is cut off its buffers are empty, and what was to come does not") {
  Log log(100);
  log.fill(BufferId::weight, 50, 40);
  log.fill(BufferId::weight, 170, 40);
  log.log.on_free(BufferId::weight, 40, 180);
  sc_core::sc_start(from_picoseconds(150));
  log.log.on_abort();
  log.fill(BufferId::weight, 220, 10);
  CHECK(log.means(kWeight, 300) == std::vector<double>{20, 20, 8});
}

}  // namespace flexcim
