// Which bits are hit: as often as asked for, and the same ones whoever asks.
#include "tlm/faults/fault_hits.h"

#include "tlm/faults/fault_injector.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace flexcim;

namespace {

std::vector<std::uint64_t> hits(std::uint64_t key, double rate, std::uint64_t count) {
  std::vector<std::uint64_t> found;
  for_each_hit(key, rate, count, [&](std::uint64_t bit) { found.push_back(bit); });
  return found;
}

}  // namespace

TEST_CASE("fault hits: as many as the rate says within four standard deviations and each bit once in order") {
  constexpr std::uint64_t kBits = 1'000'000;
  for (const double rate : {1e-5, 1e-3, 0.1, 0.5, 0.9}) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const std::vector<std::uint64_t> found = hits(fault_key({seed, 7}), rate, kBits);
      const double expected = rate * kBits, deviation = std::sqrt(expected * (1 - rate));
      INFO(rate << " seed " << seed);
      CHECK(std::abs(static_cast<double>(found.size()) - expected) < 4 * deviation);
      for (std::size_t i = 1; i < found.size(); ++i) REQUIRE(found[i - 1] < found[i]);
      CHECK(found.back() < kBits);
    }
  }
  CHECK(hits(1, 0, kBits).empty());
  CHECK(hits(1, 1, 10).size() == 10);
  CHECK(hits(1, 1e-300, kBits).empty());
}

TEST_CASE("fault hits: other keys hit other bits and every bit is hit as often as any other") {
  CHECK(hits(fault_key({1, 2}), 1e-3, 100'000) != hits(fault_key({2, 1}), 1e-3, 100'000));
  std::vector<int> of_bit(64);
  constexpr int kKeys = 20'000;
  for (std::uint64_t key = 0; key < kKeys; ++key) {
    for_each_hit(fault_key({key}), 0.05, of_bit.size(), [&](std::uint64_t bit) { ++of_bit[bit]; });
  }
  for (const int count : of_bit) CHECK(std::abs(count - 0.05 * kKeys) < 5 * std::sqrt(0.05 * 0.95 * kKeys));
}

TEST_CASE("stuck bits: the same whether they are asked for at once or piece by piece") {
  std::vector<std::uint64_t> whole, pieces;
  for_each_hit_between(9, 1e-3, 1000, 200'000, [&](std::uint64_t bit) { whole.push_back(bit); });
  for (std::uint64_t begin = 1000; begin < 200'000; begin += 777) {
    for_each_hit_between(9, 1e-3, begin, std::min<std::uint64_t>(begin + 777, 200'000),
                         [&](std::uint64_t bit) { pieces.push_back(bit); });
  }
  CHECK(whole.size() > 100);
  CHECK(whole == pieces);
}

TEST_CASE("Codes: SECDED corrects any wrong bit and detects any two, and parity detects an odd number of them") {
  for (const int bits : {32, 64}) {
    const int all = bits + check_bits(Protection::secded, bits);
    const auto wrong_bit = [&](int at) {
      WrongBits wrong;
      if (at < bits) wrong.data = std::uint64_t{1} << at;
      if (at >= bits) wrong.check = 1u << (at - bits);
      return wrong;
    };
    for (int a = 0; a < all; ++a) {
      WrongBits one = wrong_bit(a);
      CHECK(decode(Protection::secded, bits, one) == Decoded::corrected);
      CHECK(one.data == 0);
      for (int b = a + 1; b < all; ++b) {
        WrongBits two = wrong_bit(a);
        two.data ^= wrong_bit(b).data;
        two.check ^= wrong_bit(b).check;
        REQUIRE(decode(Protection::secded, bits, two) == Decoded::detected);
      }
    }
    WrongBits one = wrong_bit(3), two = wrong_bit(3);
    two.data ^= wrong_bit(5).data;
    WrongBits check{0, 1};
    CHECK(decode(Protection::parity, bits, one) == Decoded::detected);
    CHECK(decode(Protection::parity, bits, check) == Decoded::detected);
    CHECK(decode(Protection::parity, bits, two) == Decoded::silent);
    WrongBits nothing;
    CHECK(decode(Protection::secded, bits, nothing) == Decoded::clean);
    CHECK(decode(Protection::none, bits, one) == Decoded::silent);
  }
}

TEST_CASE("codes: three wrong bits are taken for one or detected and a decoder's mistake is counted as silent") {
  FaultCounts counts;
  int mistaken = 0, made_worse = 0;
  for (int a = 0; a < 62; ++a) {
    WrongBits wrong{std::uint64_t{7} << a, 0};
    if (decode_word(Protection::secded, 64, wrong, counts) == Decoded::silent) {
      ++mistaken;
      made_worse += wrong.data != std::uint64_t{7} << a ? 1 : 0;  // otherwise it has mended a check bit
    }
  }
  CHECK(made_worse > 0);
  CHECK(counts.bits == 3 * 62);
  CHECK(counts.corrected == 0);
  CHECK(counts.silent == static_cast<std::uint64_t>(mistaken));
  CHECK(counts.silent + counts.detected == 62);
}

TEST_CASE("the gates of a code follow from its columns: ones of the check matrix less the first of every row") {
  // 64: 56 columns of three ones, 8 of five; 32: all of three.
  CHECK(encoder_xors(Protection::secded, 64) == 56 * 3 + 8 * 5 - 8);
  CHECK(encoder_xors(Protection::secded, 32) == 32 * 3 - 7);
  CHECK(decoder_xors(Protection::secded, 64) == 208 + 64);
  CHECK(encoder_xors(Protection::parity, 64) == 63);
  CHECK(decoder_xors(Protection::none, 64) == 0);
}

TEST_CASE("places have the names of the SoC and a glob means those that it matches") {
  const std::vector<FaultPlace> one = fault_places(MacroGeometry(), {1, 1}),
                                four = fault_places(MacroGeometry(), {2, 2});
  const auto count = [](const std::vector<FaultPlace>& places, const std::string& glob) {
    return std::count_if(places.begin(), places.end(), [&](const FaultPlace& p) { return names_place(glob, p); });
  };
  CHECK(one.front().name == "soc.macros.macro.sub_0.cells.weight");
  CHECK(four.front().name == "soc.macros.macro_0_0.sub_0.cells.weight");
  CHECK(count(one, "*.weight") == 4 + 1);  // and the buffer
  CHECK(count(four, "*.cells.weight") == 16);
  CHECK(count(four, "soc.macros.macro_1_0.*") == 2 * 4 + 3);
  CHECK(count(one, "soc.dram.*") == 4);
  CHECK(count(one, "soc.tram.*") == 0);
}
