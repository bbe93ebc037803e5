#include "tlm/timing/loans.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

using flexcim::Loans;

namespace {

/// A memory, and a buffer that belongs to its reader.
struct Reader {
  std::array<std::uint8_t, 256> memory{};
  std::array<std::uint8_t, 256> buffer{};
  int returns = 0;
  Loans loans;

  Reader() {
    std::iota(memory.begin(), memory.end(), std::uint8_t{0});
    loans.set_before_return([this] { ++returns; });
  }
  void lend(std::size_t address, std::size_t at, std::size_t bytes) {
    loans.lend(address, &buffer[at], &memory[address], bytes);
  }
};

}  // namespace

TEST_CASE("Loans: what is lent lies at its source until it is returned, then where it belongs") {
  Reader r;
  r.lend(100, 0, 16);
  r.lend(116, 16, 16);  // continues it
  CHECK(r.loans.locate(&r.buffer[0], 32) == &r.memory[100]);
  CHECK(r.loans.locate(&r.buffer[20], 4) == &r.memory[120]);
  CHECK(r.loans.locate(&r.buffer[32], 4) == &r.buffer[32]);
  CHECK(r.buffer[0] == 0);
  r.loans.return_all();
  CHECK(r.returns == 1);
  CHECK(std::memcmp(&r.buffer[0], &r.memory[100], 32) == 0);
  CHECK(r.loans.locate(&r.buffer[0], 32) == &r.buffer[0]);
  r.loans.return_all();
  CHECK(r.returns == 1);  // there was nothing
}

TEST_CASE("Loans: who asks for bytes of which a part is lent gets all of them where they belong") {
  Reader r;
  r.lend(50, 8, 8);
  CHECK(r.loans.locate(&r.buffer[4], 8) == &r.buffer[4]);
  CHECK(r.returns == 1);
  CHECK(r.buffer[8] == 50);
  CHECK(r.buffer[15] == 57);
}

TEST_CASE("Loans: a write to what is lent returns it first, a write beside it does not") {
  Reader r;
  r.lend(64, 0, 32);
  r.loans.prepare_write(32, 32);
  r.loans.prepare_write(96, 4);
  CHECK(r.returns == 0);
  r.loans.prepare_write(95, 1);
  CHECK(r.returns == 1);
  r.memory[95] = 0xFF;
  CHECK(r.buffer[31] == 95);
}

TEST_CASE("Loans: a write between two things that are lent or watched returns nothing") {
  Reader r;
  r.lend(16, 0, 16);
  r.loans.watch(96, 32);
  r.loans.watch(128, 8);
  r.loans.prepare_write(32, 64);
  r.loans.prepare_write(136, 8);
  CHECK(r.returns == 0);
  r.loans.prepare_write(135, 1);
  CHECK(r.returns == 1);
}

TEST_CASE("Loans: what is not needed any more is not copied, but who was told of it hears of the return") {
  Reader r;
  r.lend(10, 0, 4);
  r.lend(20, 100, 4);
  r.loans.forget(&r.buffer[0], 50);
  r.loans.return_all();
  CHECK(r.returns == 1);
  CHECK(r.buffer[0] == 0);
  CHECK(r.buffer[100] == 20);
  r.lend(10, 0, 4);
  r.loans.drop();
  r.loans.return_all();
  CHECK(r.returns == 1);
  CHECK(r.buffer[0] == 0);
}

TEST_CASE("Loans: what is not needed any more leaves what is lent to the buffers before and behind it") {
  Reader r;
  r.lend(100, 0, 32);
  r.lend(132, 32, 32);  // goes on in memory, but is another buffer
  r.lend(164, 64, 32);
  r.loans.forget(&r.buffer[32], 32);
  CHECK(r.loans.locate(&r.buffer[0], 32) == &r.memory[100]);
  CHECK(r.loans.locate(&r.buffer[32], 32) == &r.buffer[32]);
  CHECK(r.loans.locate(&r.buffer[64], 32) == &r.memory[164]);
  r.loans.forget(&r.buffer[0], 32);
  CHECK(r.loans.locate(&r.buffer[0], 32) == &r.buffer[0]);
  r.loans.return_all();
  CHECK(r.buffer[31] == 0);
  CHECK(r.buffer[32] == 0);
  CHECK(std::memcmp(&r.buffer[64], &r.memory[164], 32) == 0);
}

TEST_CASE("Loans: a reader of random pieces sees what copying at once would have shown") {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    Reader r;
    std::array<std::uint8_t, 256> copied{};
    for (int step = 0; step < 40; ++step) {
      CAPTURE(round, step);
      const std::size_t at = random() % 200, address = random() % 200, bytes = 1 + random() % 56;
      switch (random() % 5) {
        case 0:
        case 1: {
          // A piece is read anew only after what was lent for it has been forgotten.
          bool lent = false;
          for (std::size_t i = at; i < at + bytes; ++i) lent = lent || r.loans.locate(&r.buffer[i], 1) != &r.buffer[i];
          if (lent) r.loans.return_all();
          r.lend(address, at, bytes);
          std::memcpy(&copied[at], &r.memory[address], bytes);
          break;
        }
        case 2:
          r.loans.prepare_write(address, bytes);
          for (std::size_t i = 0; i < bytes; ++i) r.memory[address + i] = static_cast<std::uint8_t>(random());
          break;
        case 3:
          r.loans.forget(&r.buffer[at], bytes);
          for (std::size_t i = at; i < at + bytes; ++i) r.buffer[i] = copied[i] = static_cast<std::uint8_t>(random());
          break;
        default:
          REQUIRE(std::memcmp(r.loans.locate(&r.buffer[at], bytes), &copied[at], bytes) == 0);
      }
    }
    r.loans.return_all();
    REQUIRE(r.buffer == copied);
  }
}
