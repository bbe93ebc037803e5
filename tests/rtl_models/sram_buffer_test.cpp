#include "rtl_models/blocks/sram_buffer.h"

#include "tests/rtl_models/clocked_bench.h"

#include <catch2/catch.hpp>
#include <memory>

namespace flexcim {
namespace {

struct SramBench : ClockedBench {
  std::unique_ptr<SramBuffer> dut;
  sc_core::sc_signal<SramRead> read{"read"};
  sc_core::sc_signal<SramWrite> write{"write"};
  sc_core::sc_signal<SramData> read_data{"read_data"};
  sc_core::sc_signal<bool> write_ready{"write_ready"};
  std::vector<std::uint8_t> word = std::vector<std::uint8_t>(4);

  SramBench() {  // 16 words of 4 bytes in 2 banks
    dut = std::make_unique<SramBuffer>("sram", SramBuffer::Geometry{64, 2, 4});
    connect(*dut);
    dut->read(read);
    dut->write(write);
    dut->read_data(read_data);
    dut->write_ready(write_ready);
  }
  void offer_write(bool valid, std::uint32_t address, int value) {
    word.assign(4, static_cast<std::uint8_t>(value));
    write.write({valid, 4 * address, 4, word.data(), ++version});
  }
  void offer_read(bool valid, std::uint32_t address) { read.write({valid, 4 * address, 4, ++version}); }
};

TEST_CASE("sram buffer: data one cycle after the read, a word per cycle") {
  SramBench bench;
  for (std::uint32_t a = 0; a < 16; ++a) {
    bench.offer_write(true, a, static_cast<int>(100 + a));
    bench.tick();
  }
  bench.offer_write(false, 0, 0);
  bench.offer_read(true, 0);
  bench.settle();
  CHECK_FALSE(bench.read_data.read().valid);
  for (std::uint32_t a = 0; a < 16; ++a) {
    bench.offer_read(true, a);
    bench.tick();
    REQUIRE(bench.read_data.read().valid);
    CHECK(bench.read_data.read().data[3] == 100 + a);
  }
  bench.offer_read(false, 0);
  bench.tick();
  CHECK_FALSE(bench.read_data.read().valid);
  CHECK(bench.dut->bytes_written() == 16 * 4);
  CHECK(bench.dut->bytes_read() == 16 * 4);
}

TEST_CASE("sram buffer: read and write share a bank one after the other, different banks at once") {
  SramBench bench;
  bench.offer_write(true, 2, 1);
  bench.tick();
  bench.offer_read(true, 2);
  bench.offer_write(true, 4, 9);  // bank 0 too
  bench.settle();
  CHECK_FALSE(bench.write_ready.read());
  bench.tick();
  CHECK(bench.dut->conflicts() == 1);
  CHECK(bench.read_data.read().data[0] == 1);
  bench.offer_read(true, 3);  // bank 1
  bench.settle();
  CHECK(bench.write_ready.read());
  bench.tick();
  bench.offer_write(false, 0, 0);
  bench.offer_read(true, 4 + 16);  // beyond the size: word 4
  bench.tick();
  CHECK(bench.read_data.read().data[0] == 9);
}

TEST_CASE("sram buffer: a read across words uses two banks and a write waits for either") {
  SramBench bench;
  for (std::uint32_t a = 0; a < 4; ++a) {
    bench.offer_write(true, a, static_cast<int>(a));
    bench.tick();
  }
  bench.read.write({true, 6, 4, ++bench.version});  // words 1 and 2
  for (std::uint32_t word = 0; word < 2; ++word) {
    bench.write.write({true, 4 * word + 1, 2, bench.word.data(), ++bench.version});
    bench.settle();
    CHECK_FALSE(bench.write_ready.read());
  }
  bench.tick();
  const std::uint8_t* data = bench.read_data.read().data;
  CHECK(std::vector<int>(data, data + 4) == std::vector<int>{1, 1, 2, 2});
  bench.offer_read(false, 0);
  bench.tick();  // writes 3, 3 to bytes 5 and 6
  bench.offer_write(false, 0, 0);
  bench.offer_read(true, 1);
  bench.tick();
  data = bench.read_data.read().data;
  CHECK(std::vector<int>(data, data + 4) == std::vector<int>{1, 3, 3, 1});
}

TEST_CASE("sram buffer: enable low takes nothing, reset keeps the cells") {
  SramBench bench;
  bench.offer_write(true, 1, 7);
  bench.tick();
  bench.offer_write(true, 1, 8);
  bench.enable.write(false);
  bench.settle();
  CHECK_FALSE(bench.write_ready.read());
  bench.tick();
  bench.enable.write(true);
  bench.offer_write(false, 0, 0);
  bench.offer_read(true, 1);
  bench.tick();
  CHECK(bench.read_data.read().data[0] == 7);
  bench.reset.write(true);
  bench.tick();
  CHECK_FALSE(bench.read_data.read().valid);
  bench.reset.write(false);
  bench.tick();
  CHECK(bench.read_data.read().data[0] == 7);
}

TEST_CASE("sram buffer: a bad size is refused") {
  CHECK_THROWS_WITH(SramBuffer("odd", {60, 2, 8}), Catch::Contains("60") && Catch::Contains("banks"));
}

}  // namespace
}  // namespace flexcim
