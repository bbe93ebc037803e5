// Chance that is the same on every machine: numbers and orders that follow from a seed and a position.
#pragma once

#include <cstdint>

namespace flexcim {

/// 64 bits that depend on every bit of `seed` and `position`: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t scatter(std::uint64_t seed, std::uint64_t position) {
  std::uint64_t z = seed * 0xd1342543de82ef95 + (position + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// `bits` as a fraction of 2^64, of `size`: 0 ... size - 1 with equal shares. size <= 2^32.
constexpr std::uint64_t share_of(std::uint64_t bits, std::uint64_t size) { return ((bits >> 32) * size) >> 32; }

/// The numbers 0 ... size - 1 in an order that looks like chance, each of them once, without a list of them: a Feistel
/// network over the next power of four, walked on while it leaves the range (Black, Rogaway, CT-RSA 2002).
class Shuffle {
 public:
  /// 1 <= size <= 2^62
  Shuffle(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
    while (std::uint64_t{1} << (2 * half_bits_) < size) ++half_bits_;
  }
  /// position < size
  std::uint64_t operator()(std::uint64_t position) const {
    do {
      position = permuted(position);
    } while (position >= size_);
    return position;
  }

 private:
  std::uint64_t permuted(std::uint64_t value) const {
    constexpr std::uint64_t kRounds = 6;
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_, right = value & mask;
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      const std::uint64_t mixed = left ^ (scatter(scatter(seed_, round), right) & mask);
      left = right;
      right = mixed;
    }
    return left << half_bits_ | right;
  }

  std::uint64_t size_;
  std::uint64_t seed_;
  unsigned half_bits_ = 0;
};

}  // namespace flexcim
