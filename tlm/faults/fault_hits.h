// Which bits are hit: a pure function of a key and of a bit's place, whatever the order in which anybody asks.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>

namespace flexcim {

/// The output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection of 64-bit words that scatters
/// neighbouring ones.
constexpr std::uint64_t scatter(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// One key from several numbers; their order matters.
constexpr std::uint64_t fault_key(std::initializer_list<std::uint64_t> numbers) {
  std::uint64_t key = 0;
  for (const std::uint64_t number : numbers) key = scatter(key ^ number);
  return key;
}

/// Calls visit(bit) for each of `count` bits that is hit, in ascending order; each is with probability `rate`, 0..1,
/// independently of the others. Goes from hit to hit: the distances are geometrically distributed, and the j-th of them
/// follows from key and j alone.
template <class Visit>
void for_each_hit(std::uint64_t key, double rate, std::uint64_t count, const Visit& visit) {
  if (rate <= 0) return;
  if (rate >= 1) {
    for (std::uint64_t bit = 0; bit < count; ++bit) visit(bit);
    return;
  }
  const double per_miss = std::log1p(-rate);
  std::uint64_t bit = 0;
  for (std::uint64_t j = 0;; ++j, ++bit) {
    const double uniform = static_cast<double>(scatter(key + j) >> 11) * 0x1p-53;  // [0, 1)
    const double misses = std::floor(std::log1p(-uniform) / per_miss);
    if (!(misses < static_cast<double>(count - bit))) return;
    bit += static_cast<std::uint64_t>(misses);
    if (bit >= count) return;
    visit(bit);
  }
}

/// The same for bits [begin, end) of an unbounded row of bits, of which a call tells always the same.
template <class Visit>
void for_each_hit_between(std::uint64_t key, double rate, std::uint64_t begin, std::uint64_t end, const Visit& visit) {
  constexpr std::uint64_t kBlock = 1 << 15;
  for (std::uint64_t block = begin / kBlock; block * kBlock < end; ++block) {
    for_each_hit(fault_key({key, block}), rate, kBlock, [&](std::uint64_t bit) {
      const std::uint64_t at = block * kBlock + bit;
      if (begin <= at && at < end) visit(at);
    });
  }
}

}  // namespace flexcim
