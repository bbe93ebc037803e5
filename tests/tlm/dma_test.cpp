// The DMA engine against a memory that answers after 50 cycles of 2 ns.
#include "tlm/dma/dma.h"

#include "flow/base/error.h"
#include "tests/tlm/fixed_latency_memory.h"
#include "tlm/observe/protocol_checker.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <tuple>

using namespace flexcim;
using test::FixedLatencyMemory;

namespace {

constexpr std::int64_t kPeriod = 2000;
constexpr Cycle kBusLatency = 50;

struct DmaBench {
  Dma dma;
  ProtocolChecker checker{"checker"};
  FixedLatencyMemory memory{"memory", 1 << 16, from_picoseconds(kBusLatency* kPeriod)};
  std::vector<std::pair<std::uint64_t, Cycle>> progress;
  std::vector<Cycle> done;
  std::vector<ErrorCode> errors;

  explicit DmaBench(const DmaParameters& parameters) : dma("dma", parameters, kPeriod) {
    dma.socket.bind(checker.from_initiator);
    checker.to_target.bind(memory.socket);
    std::iota(memory.store.data(), memory.store.data() + memory.store.size(), std::uint8_t{0});
  }
  DmaRequest request(DmaChannel channel, bool write, std::uint64_t address, std::uint8_t* data, std::uint64_t bytes,
                     Cycle from) {
    DmaRequest r;
    r.channel = channel;
    r.write = write;
    r.address = address;
    r.data = data;
    r.row_bytes = bytes;
    r.from = from;
    r.on_progress = [this](const DmaProgress& reached) { progress.emplace_back(reached.bytes, reached.last); };
    r.on_done = [this](ErrorCode error, Cycle at) {
      errors.push_back(error);
      done.push_back(at);
    };
    return r;
  }
  void run() {
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_US));
    CHECK(checker.violations().empty());
    CHECK(dma.idle());
  }
  std::vector<Cycle> issue_cycles() const {
    std::vector<Cycle> cycles;
    for (std::int64_t ps : memory.times_ps) cycles.push_back(static_cast<Cycle>(ps / kPeriod));
    return cycles;
  }
};

}  // namespace

TEST_CASE("DMA: a burst is issued in the cycle after the request, one per cycle, cut at multiples of the burst size") {
  DmaBench bench({8, 64});
  std::vector<std::uint8_t> data(150);
  bench.dma.post(bench.request(DmaChannel::weights, false, 1000, data.data(), data.size(), 10));
  bench.run();
  CHECK(bench.memory.addresses == std::vector<std::uint64_t>{1000, 1024, 1088});
  CHECK(bench.issue_cycles() == std::vector<Cycle>{11, 12, 13});
  CHECK(bench.progress == std::vector<std::pair<std::uint64_t, Cycle>>{{24, 61}, {88, 62}, {150, 63}});
  CHECK(bench.done == std::vector<Cycle>{13 + kBusLatency});
  for (std::size_t i = 0; i < data.size(); ++i) CHECK(data[i] == static_cast<std::uint8_t>(1000 + i));
  CHECK(bench.dma.read_bytes() == 150);
}

TEST_CASE("DMA: no more bursts than allowed are outstanding, a freed place is seen a cycle later") {
  DmaBench bench({2, 64});
  std::vector<std::uint8_t> data(256);
  bench.dma.post(bench.request(DmaChannel::weights, false, 0, data.data(), data.size(), 0));
  bench.run();
  // 1, 2; their responses are there in 51, 52, seen in 52, 53; those of 52, 53 in 102, 103.
  CHECK(bench.issue_cycles() == std::vector<Cycle>{1, 2, 52, 53});
  CHECK(bench.done == std::vector<Cycle>{103});
}

TEST_CASE("DMA: rows with gaps are bursts of their own, rows without are one run") {
  DmaBench bench({8, 64});
  std::vector<std::uint8_t> data(30);
  DmaRequest rows = bench.request(DmaChannel::write_back, true, 128, data.data(), 10, 0);
  rows.rows = 3;
  rows.memory_stride = 100;
  rows.local_stride = 10;
  rows.on_issue = [&] { std::iota(data.begin(), data.end(), std::uint8_t{100}); };
  bench.dma.post(rows);
  std::vector<std::uint8_t> dense(30, 7);
  DmaRequest run = bench.request(DmaChannel::write_back, true, 1024, dense.data(), 10, 0);
  run.rows = 3;
  run.memory_stride = run.local_stride = 10;
  bench.dma.post(run);
  bench.run();
  CHECK(bench.memory.addresses == std::vector<std::uint64_t>{128, 228, 328, 1024});
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t i = 0; i < 10; ++i) CHECK(bench.memory.store.data()[128 + 100 * row + i] == 100 + 10 * row + i);
  }
  CHECK(bench.memory.store.data()[138] == 138);
}

TEST_CASE("DMA: channels have priorities, whoever asked first in the same cycle") {
  DmaBench bench({8, 64});
  std::vector<std::uint8_t> a(128), b(128), c(128);
  bench.dma.post(bench.request(DmaChannel::weights, false, 0, a.data(), 128, 0));
  bench.dma.post(bench.request(DmaChannel::activations, false, 1024, b.data(), 128, 0));
  bench.dma.post(bench.request(DmaChannel::write_back, true, 2048, c.data(), 128, 1));
  bench.run();
  // Cycle 1: the write-back of cycle 1 is not seen yet; cycle 2 it is.
  CHECK(bench.memory.addresses == std::vector<std::uint64_t>{1024, 2048, 2112, 1088, 0, 64});
  CHECK(bench.issue_cycles() == std::vector<Cycle>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("DMA: an address error ends the request, others go on") {
  DmaBench bench({1, 64});
  std::vector<std::uint8_t> a(256), b(64);
  bench.dma.post(bench.request(DmaChannel::activations, false, (1 << 16) - 64, a.data(), 256, 0));
  bench.dma.post(bench.request(DmaChannel::weights, false, 0, b.data(), 64, 0));
  bench.run();
  CHECK(bench.errors == std::vector<ErrorCode>{ErrorCode::dma_address, ErrorCode::none});
  // Issued in 1, 52 (fails in 102, no third), 103.
  CHECK(bench.done == std::vector<Cycle>{102, 153});
}

TEST_CASE("DMA: any other error response is told apart") {
  DmaBench bench({4, 64});
  bench.memory.fail = true;
  std::vector<std::uint8_t> a(256);
  bench.dma.post(bench.request(DmaChannel::activations, false, 0, a.data(), 256, 0));
  bench.run();
  CHECK(bench.errors == std::vector<ErrorCode>{ErrorCode::dma_failed});
  CHECK(bench.progress.empty());
}

TEST_CASE("DMA: what is aborted is never heard of again and writes nothing") {
  DmaBench bench({4, 64});
  std::vector<std::uint8_t> a(1024, 0xEE);
  bench.dma.post(bench.request(DmaChannel::activations, false, 0, a.data(), 1024, 0));
  sc_core::sc_start(from_picoseconds(20 * kPeriod));
  bench.dma.abort_all();
  bench.run();
  CHECK(bench.done.empty());
  CHECK(bench.progress.empty());
  CHECK(bench.memory.addresses.size() == 4);
  CHECK(a == std::vector<std::uint8_t>(1024, 0xEE));
}

TEST_CASE("DMA: progress tells when each of its bursts ended, whose last may be out of step") {
  // 300 bytes were told before; bursts of 100 end in cycles 20, 28, 36, and the last one in 51.
  const DmaProgress progress{700, 51, 100, 8, 15};
  std::vector<std::tuple<std::uint64_t, std::uint64_t, Cycle>> bursts;
  const auto add = [&](std::uint64_t begin, std::uint64_t end, Cycle at) { bursts.emplace_back(begin, end, at); };
  progress.for_each_burst(300, add);
  CHECK(bursts == decltype(bursts){{300, 400, 20}, {400, 500, 28}, {500, 600, 36}, {600, 700, 51}});
  std::vector<std::tuple<std::uint64_t, std::uint64_t, Cycle, std::uint64_t>> rows;
  progress.for_each_row(300, [&](std::uint64_t begin, std::uint64_t size, Cycle at, std::uint64_t count, Cycle period) {
    rows.emplace_back(begin, size, at, count);
    CHECK(period == 8);
  });
  CHECK(rows == decltype(rows){{300, 100, 20, 3}, {600, 100, 51, 1}});
  CHECK(progress.at(601) == 51);
  CHECK(progress.at(600) == 36);
  CHECK(progress.at(301) == 20);

  bursts.clear();
  progress.first(600).for_each_burst(300, add);
  CHECK(bursts == decltype(bursts){{300, 400, 20}, {400, 500, 28}, {500, 600, 36}});
  bursts.clear();
  progress.first(700).for_each_burst(500, add);
  CHECK(bursts == decltype(bursts){{500, 600, 36}, {600, 700, 51}});
}

TEST_CASE("DMA: parameters out of range are named") {
  CHECK_THROWS_WITH(Dma("a", {0, 64}, kPeriod), Catch::Contains("outstanding"));
  CHECK_THROWS_WITH(Dma("b", {1, 100}, kPeriod), Catch::Contains("burst_bytes"));
}
