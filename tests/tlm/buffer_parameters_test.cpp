// docs/architecture.md §7, SRAM buffers: what banks cost.
#include "tlm/timing/buffer_parameters.h"

#include "flow/map/image.h"
#include "tlm/timing/command_plan.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace flexcim {
namespace {

/// Cycles in which a bank each gives a word, for one pass.
std::uint64_t cycles_of(const BufferParameters& buffer, std::uint64_t first, std::uint64_t count) {
  const std::uint64_t from = first / buffer.port_bytes, to = (first + count - 1) / buffer.port_bytes;
  if (buffer.banks == 1) return to - from + 1;
  return (count + buffer.port_bytes - 1) / buffer.port_bytes;  // parts of two words in two banks
}

}  // namespace

TEST_CASE("Buffers: with one bank, inputs that begin inside a word may need one word more, the same for every token") {
  std::mt19937 random(7);
  std::size_t dearer = 0;
  for (int round = 0; round < 2000; ++round) {
    BufferParameters buffer;
    buffer.port_bytes = 1 + random() % 40;
    buffer.banks = random() % 2 == 0 ? 1 : 4;
    const std::uint64_t row_bytes = 1 + random() % 300, first = random() % row_bytes;
    const std::uint64_t count = 1 + random() % (row_bytes - first);
    const std::uint64_t few = 1 + random() % 3, all = 40;
    std::uint64_t worst = 0, worst_of_few = 0;
    for (std::uint64_t t = 0; t < all; ++t) {
      const std::uint64_t cycles = cycles_of(buffer, first + t * row_bytes, count);
      worst = std::max(worst, cycles);
      if (t < few) worst_of_few = std::max(worst_of_few, cycles);
    }
    CAPTURE(buffer.port_bytes, buffer.banks, row_bytes, first, count, few);
    CHECK(buffer.read_cycles(first, count, row_bytes, all) == worst);
    CHECK(buffer.read_cycles(first, count, row_bytes, few) >= worst_of_few);
    CHECK(buffer.read_cycles(first, count, row_bytes, 1) == cycles_of(buffer, first, count));
    dearer += worst > buffer.words(count);
  }
  CHECK(dearer > 100);
}

TEST_CASE(
    "Buffers: passes of k tiles but the first read and write every word, in two cycles where a half is one bank") {
  AcceleratorParameters p;
  p.output.port_bytes = 64;
  CommandPlan plan;
  plan.out = 64;
  plan.in = 512;
  plan.tokens = plan.token_tile = 4;
  plan.array_inputs = 256;
  plan.array_outputs = 32;  // 128 bytes: two words
  plan.rows = plan.cols = 2;
  for (const int banks : {1, 2, 4, 8}) {
    p.output.banks = banks;
    CAPTURE(banks);
    CHECK(array_pass_cycles(plan, p, 0, 0, 1) == 2);
    CHECK(array_pass_cycles(plan, p, 0, 1, 1) == (banks < 4 ? 4 : 2));
    CHECK(array_pass_cycles(plan, p, 0, 1, 3) == (banks < 4 ? 4 : 3));
  }
}

TEST_CASE("Buffers: each part of the weight buffer has room for the largest array tile") {
  const std::uint32_t bytes[3][2] = {{10, 20}, {100, 5}, {50, 7}};  // of macro tile (o, k)
  std::vector<std::uint8_t> directory(6 * kDirectoryEntryBytes);
  for (std::size_t i = 0; i < 6; ++i)
    write_directory_entry(&directory[i * kDirectoryEntryBytes], {0, bytes[i / 2][i % 2], 1});
  CommandPlan plan;
  plan.grid = {3, 2};
  AcceleratorParameters p;
  p.array = {2, 1};  // array tiles of 10 + 100, 20 + 5, 50 and 7 bytes
  plan.rows = plan.cols = 2;
  CHECK(weight_bytes(plan, p, directory.data()) == 2 * 110);
  p.weight.banks = 1;
  CHECK(weight_bytes(plan, p, directory.data()) == 110);
  p.array = {1, 2};  // of 10 + 20, 100 + 5 and 50 + 7
  plan.rows = 3;
  plan.cols = 1;
  CHECK(weight_bytes(plan, p, directory.data()) == 105);
  plan.resident = true;
  CHECK(weight_bytes(plan, p, directory.data()) == 0);
}

}  // namespace flexcim
