// platform/soc/rtl_buffer.h: the pins follow the schedule, and what does not fit it is told.
#include "platform/soc/rtl_buffer.h"

#include "rtl_models/signals/clock.h"
#include "tests/tlm/in_process.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <numeric>

namespace flexcim {
namespace {

constexpr int kPeriodNs = 2;

/// A process at every edge; the kernel runs it before or behind those of modules that are made later.
struct AtEdge : sc_core::sc_module {
  sc_core::sc_in<bool> clock{"clock"};

  AtEdge(const sc_core::sc_module_name& name, const Clock& of) : sc_module(name) {
    clock(of);
    SC_HAS_PROCESS(AtEdge);
    SC_METHOD(on_clock);
    sensitive << clock.pos();
    dont_initialize();
  }
  void on_clock() { step(); }
  std::function<void()> step = [] {};
};

/// 64 words of 4 bytes in `banks` banks, and bytes to be moved.
struct BufferBench {
  explicit BufferBench(int banks)
      : buffer("buffer", 256, parameters(banks), banks, sc_core::sc_time(kPeriodNs, sc_core::SC_NS)) {
    buffer.clock(clock);
    clock.start(clock.period());
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  }
  /// A buffer of two halves; `banks` are those of this one.
  static BufferParameters parameters(int banks) { return {512, 4, 2 * banks}; }
  void fill(Cycle at, std::uint64_t address, std::uint64_t count, bool first = false) {
    BufferAccess access;
    access.at = at;
    access.address = address;
    access.row_bytes = count;
    access.data = &bytes[address];
    access.first = first;
    buffer.access(access);
  }
  void load(Cycle at, std::uint64_t address, std::uint64_t count) {
    BufferAccess access;
    access.kind = BufferAccess::Kind::load;
    access.at = at;
    access.address = address;
    access.row_bytes = count;
    access.data = &bytes[address];
    buffer.access(access);
  }
  BufferAccess sums(BufferAccess::Kind kind, Cycle at, std::uint64_t rows, Cycle row_cycles, bool first) {
    BufferAccess access;
    access.kind = kind;
    access.at = at;
    access.rows = rows;
    access.row_cycles = row_cycles;
    access.address_stride = access.data_stride = access.row_bytes = 8;  // two words
    access.data = bytes.data();
    access.first = first;
    return access;
  }
  void run_to(Cycle cycle) {  // into the middle of it
    sc_core::sc_start(sc_core::sc_time(static_cast<double>(cycle) * kPeriodNs + 1, sc_core::SC_NS) -
                      sc_core::sc_time_stamp());
  }

  Clock clock{"clock", sc_core::sc_time(kPeriodNs, sc_core::SC_NS), false};
  AtEdge earlier{"earlier", clock};
  RtlBuffer buffer;
  AtEdge later{"later", clock};
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(256);
};

/// What a simulation ends with.
std::string error_of(int banks, const std::function<void(BufferBench&)>& accesses) {
  return test::in_process([&]() -> std::string {
    BufferBench bench(banks);
    accesses(bench);
    bench.run_to(60);
    return "";
  });
}

void check_sums(int banks, Cycle pass) {
  using Kind = BufferAccess::Kind;
  BufferBench bench(banks);
  bench.buffer.access(bench.sums(Kind::accumulate, 10, 3, pass, true));
  bench.run_to(30);
  CHECK(bench.buffer.occupancy() == 24);
  for (std::uint8_t& byte : bench.bytes) byte = static_cast<std::uint8_t>(byte * 3);
  bench.buffer.access(bench.sums(Kind::accumulate, 40, 3, pass, false));
  bench.buffer.access(bench.sums(Kind::write_back, 40 + 2 * pass, 3, 0, false));
  bench.run_to(80);
  CHECK(bench.buffer.due() == RtlBuffer::kNever);
  CHECK(bench.buffer.sram.bytes_read() == 2 * 24);
  CHECK(bench.buffer.sram.bytes_written() == 2 * 24);
  CHECK(bench.buffer.sram.conflicts() == 0);
}

}  // namespace

TEST_CASE("SRAM buffer at rtl: accesses are on the pins one cycle behind the schedule") {
  BufferBench bench(2);
  bench.fill(3, 0, 8, true);  // two words: cycles 4 and 5
  bench.load(7, 0, 8);        // cycles 8 and 9
  CHECK(bench.buffer.due() == 3);
  bench.run_to(3);
  CHECK_FALSE(bench.buffer.sram.write.read().valid);
  CHECK(bench.buffer.waiting() == 0);
  bench.run_to(4);
  CHECK(bench.buffer.waiting() == 2);
  bench.run_to(5);
  CHECK(bench.buffer.sram.write.read().valid);
  CHECK(bench.buffer.sram.write.read().address == 4);
  bench.run_to(6);
  CHECK(bench.buffer.occupancy() == 8);
  CHECK_FALSE(bench.buffer.sram.write.read().valid);
  bench.run_to(7);
  CHECK_FALSE(bench.buffer.sram.read.read().valid);
  bench.run_to(9);
  CHECK(bench.buffer.sram.read.read().address == 4);
  bench.run_to(12);
  CHECK(bench.buffer.sram.bytes_read() == 8);
  CHECK(bench.buffer.due() == RtlBuffer::kNever);
}

TEST_CASE("SRAM buffer at rtl: a write waits for the read of its bank, a read finds bytes that still wait") {
  BufferBench bench(1);
  bench.fill(0, 0, 16, true);
  bench.run_to(8);
  bench.fill(9, 16, 8);
  bench.load(9, 0, 24);  // the last two words are in the queue when they are wanted
  bench.run_to(12);
  CHECK(bench.buffer.sram.conflict());
  CHECK(bench.buffer.waiting() == 2);
  bench.run_to(30);
  CHECK(bench.buffer.sram.conflicts() == 6);
  CHECK(bench.buffer.sram.bytes_written() == 24);
  CHECK(bench.buffer.occupancy() == 24);
}

TEST_CASE("SRAM buffer at rtl: all processes of an edge find the bytes of the write that it takes") {
  BufferBench bench(2);
  bench.fill(3, 0, 40, true);
  std::vector<std::uint8_t> seen[2];
  const auto see = [&bench](std::vector<std::uint8_t>& bytes) {
    const SramWrite& write = bench.buffer.sram.write.read();
    if (write.valid) bytes.insert(bytes.end(), write.data, write.data + write.bytes);
  };
  bench.earlier.step = [&] { see(seen[0]); };
  bench.later.step = [&] { see(seen[1]); };
  bench.run_to(20);
  const std::vector<std::uint8_t> written(bench.bytes.begin(), bench.bytes.begin() + 40);
  CHECK(seen[0] == written);
  CHECK(seen[1] == written);
}

TEST_CASE("SRAM buffer at rtl: whether it needs the clock is the same for all processes of an edge") {
  BufferBench bench(1);
  std::vector<bool> needs[2];
  const auto look = [&bench](std::vector<bool>& needed) {
    const auto now = sc_core::sc_time_stamp().value() / bench.clock.period().value();
    needed.push_back(bench.buffer.due() <= now);
  };
  bench.earlier.step = [&] { look(needs[0]); };
  bench.later.step = [&] { look(needs[1]); };
  bench.fill(0, 0, 16, true);
  bench.fill(9, 16, 8);
  bench.load(9, 0, 24);  // its end comes from the queue of writes
  bench.run_to(30);
  using Kind = BufferAccess::Kind;
  bench.buffer.access(bench.sums(Kind::accumulate, 32, 2, 4, true));
  bench.buffer.access(bench.sums(Kind::accumulate, 48, 2, 8, false));
  bench.run_to(70);
  bench.load(72, 0, 8);
  bench.run_to(80);
  CHECK(std::count(needs[0].begin(), needs[0].end(), true) > 20);
  CHECK(needs[0].back() == false);
  CHECK(needs[0] == needs[1]);
}

TEST_CASE("SRAM buffer at rtl: a byte that is not the one that was used ends the simulation") {
  CHECK_THAT(error_of(2,
                      [](BufferBench& bench) {
                        bench.fill(0, 0, 16, true);
                        bench.bytes[13] ^= 1;
                        bench.load(30, 0, 16);
                      }),
             Catch::Contains("buffer: the 4 bytes at 12 are not those that were used"));
}

TEST_CASE("SRAM buffer at rtl: a word in the queue that is not the one that was used ends the simulation") {
  CHECK_THAT(error_of(1,
                      [](BufferBench& bench) {
                        bench.fill(10, 0, 4, true);
                        bench.bytes[2] ^= 1;
                        bench.load(10, 0, 4);
                      }),
             Catch::Contains("bytes at 0 in the write queue are not those that were used"));
}

TEST_CASE("SRAM buffer at rtl: a read without a cycle of its own ends the simulation") {
  CHECK_THAT(error_of(2,
                      [](BufferBench& bench) {
                        bench.fill(0, 0, 16, true);
                        bench.load(10, 0, 16);
                        bench.load(13, 0, 4);  // the first one has cycles 10 to 13
                      }),
             Catch::Contains("a read comes late"));
}

TEST_CASE("SRAM buffer at rtl: sums are read, written, and written back behind the last pass") { check_sums(2, 2); }
TEST_CASE("SRAM buffer at rtl: in one bank, sums take two cycles a word") { check_sums(1, 4); }

TEST_CASE("SRAM buffer at rtl: sums that the schedule leaves too few cycles end the simulation") {
  CHECK_THAT(error_of(1,
                      [](BufferBench& bench) {  // two words of one bank take four cycles
                        bench.buffer.access(bench.sums(BufferAccess::Kind::accumulate, 10, 3, 2, false));
                      }),
             Catch::Contains("a read comes late"));
}

}  // namespace flexcim
