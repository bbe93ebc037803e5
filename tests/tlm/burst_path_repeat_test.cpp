// BurstPath::serve_many of interconnect and DRAM: what it serves in one go has the times that serve() gives burst by
// burst.
#include "tests/tlm/at_initiator.h"
#include "tests/tlm/dram_device.h"
#include "tlm/fabric/interconnect.h"
#include "tlm/memory/dram.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <fmt/format.h>
#include <memory>
#include <random>

using namespace flexcim;
using namespace flexcim::test;

namespace {

constexpr std::uint64_t kBytes = 4 << 20;

struct RepeatSystem {
  RepeatSystem(int number, const InterconnectParameters& parameters, const DramParameters& type)
      : bus(fmt::format("bus{}", number).c_str(), parameters),
        dram(fmt::format("dram{}", number).c_str(), type, kBytes),
        a(fmt::format("a{}", number).c_str()),
        b(fmt::format("b{}", number).c_str()) {
    bus.connect(a.socket);
    bus.connect(b.socket);
    bus.map(dram.socket, 0, kBytes, "dram");
  }
  BurstPath& path(std::size_t i) { return dynamic_cast<BurstPath&>(*(i == 0 ? a : b).socket.get_interface()); }

  Interconnect bus;
  Dram dram;
  AtInitiator a, b;
};

/// One by one, or as many at a time as go: the same requests.
class Pair {
 public:
  Pair(int number, std::mt19937& random)
      : random_(random), type_(dram_device(pick({"lpddr4", "lpddr5", "ddr4", "hbm2"}))) {
    parameters_.clock_ps = pick({1000, 2000, 2500});
    parameters_.width_bytes = pick({8, 32});
    parameters_.latency_cycles = pick({0, 1, 4});
    single_ = std::make_unique<RepeatSystem>(2 * number, parameters_, type_);
    repeating_ = std::make_unique<RepeatSystem>(2 * number + 1, parameters_, type_);
  }

  /// Bursts served in one go, and those of them that were answered at another time than the others.
  struct Count {
    std::uint64_t repeated = 0, out_of_step = 0;
  };
  Count run() {
    for (RepeatSystem* each : {single_.get(), repeating_.get()}) REQUIRE(each->path(0).open_path(16));
    Burst burst;
    std::size_t initiator = 0;
    for (int stream = 0; stream < 30; ++stream) {
      if (random_() % 2 == 0) initiator = random_() % 2;
      if (random_() % 2 == 0) burst.write = random_() % 4 == 0;
      burst.bytes = static_cast<unsigned>(pick({64, 256, 1024}));
      if (random_() % 2 == 0 || burst.address > kBytes / 2) burst.address = random_() % (kBytes / 2);
      burst.address = burst.address / burst.bytes * burst.bytes;
      now_ += random_() % 3 == 0 ? static_cast<std::int64_t>(random_() % 5'000'000) : 0;
      // They wait for each other at first.
      for (int i = 0; i < 8; ++i) serve(initiator, burst);
      for (std::uint64_t left = 1 + random_() % 100; left > 0;) {
        const std::uint64_t count = serve_many(initiator, burst, left);
        count_.repeated += count;
        left -= count;
        if (count == 0) serve(initiator, burst), --left;
      }
    }
    return count_;
  }

 private:
  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return values.begin()[random_() % values.size()];
  }

  void serve(std::size_t initiator, Burst& burst) {
    BurstTimes a, b;
    REQUIRE(single_->path(initiator).serve(burst, now_, INT64_MAX, a));
    REQUIRE(repeating_->path(initiator).serve(burst, now_, INT64_MAX, b));
    REQUIRE(a.accepted_ps == b.accepted_ps);
    REQUIRE(a.response_ps == b.response_ps);
    answered(a, burst);
  }

  /// The next bursts as often as they may be repeated; `left` at most.
  std::uint64_t serve_many(std::size_t initiator, Burst& burst, std::uint64_t left) {
    const std::int64_t beats =
        parameters_.clock_ps * ((burst.bytes + parameters_.width_bytes - 1) / parameters_.width_bytes);
    const std::int64_t data =
        type_.clock_ps * std::int64_t{type_.ccd_s} * (burst.bytes / static_cast<unsigned>(type_.burst_bytes()));
    const std::int64_t period = pick({distance_, distance_, beats, data, parameters_.clock_ps});
    if (period <= 0) return 0;
    Cadence requests(now_ + static_cast<std::int64_t>(random_() % 3) * parameters_.clock_ps, period);
    for (std::uint64_t more = random_() % 3, from = 0; more > 0; --more) {
      from += 1 + random_() % 6;
      const auto gap = static_cast<std::int64_t>(random_() % (random_() % 4 == 0 ? 8 : 2));
      requests.add(from, requests.at(from - 1) + gap * period + random_() % 3 * parameters_.clock_ps);
    }
    const std::int64_t limit = random_() % 4 == 0 ? requests.at(random_() % 20) : INT64_MAX;
    BurstTimes last;
    const std::uint64_t count = repeating_->path(initiator).serve_many(burst, left, requests, limit, last);
    REQUIRE(count <= left);
    for (std::uint64_t j = 0; j < count; ++j) {
      INFO(type_.name << " burst " << j << " of " << count << ", " << burst.bytes << " bytes every " << period);
      BurstTimes times;
      REQUIRE(requests.at(j) >= now_);
      now_ = requests.at(j);
      const std::int64_t before = response_;
      REQUIRE(single_->path(initiator).serve(burst, now_, limit, times));
      if (times.response_ps != before + period) {
        REQUIRE(j + 1 == count);
        ++count_.out_of_step;
      }
      answered(times, burst);
    }
    if (count > 0) {
      REQUIRE(last.accepted_ps == now_);
      REQUIRE(last.response_ps == response_);
    }
    return count;
  }

  void answered(const BurstTimes& times, Burst& burst) {
    distance_ = times.response_ps - response_;
    response_ = times.response_ps;
    now_ = times.accepted_ps;
    burst.address += burst.bytes;
  }

  std::mt19937& random_;
  const DramParameters type_;
  InterconnectParameters parameters_;
  std::unique_ptr<RepeatSystem> single_, repeating_;
  std::int64_t now_ = 0;       ///< the next request may be made
  std::int64_t response_ = 0;  ///< of the last burst
  std::int64_t distance_ = 0;  ///< between the last two
  Count count_;
};

}  // namespace

TEST_CASE("Burst path: what is repeated has the times of single bursts") {
  std::mt19937 random(1);
  std::deque<Pair> pairs;
  for (int i = 0; i < 300; ++i) pairs.emplace_back(i, random);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::uint64_t repeated = 0, out_of_step = 0;
  for (Pair& pair : pairs) {
    const Pair::Count count = pair.run();
    repeated += count.repeated;
    out_of_step += count.out_of_step;
  }
  CHECK(repeated > 100'000);
  CHECK(out_of_step > 1000);
}
