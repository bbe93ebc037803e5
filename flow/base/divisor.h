// Fast division by a divisor that is set once at run time: a multiplication takes the place of each division.
#pragma once

#include <cstdint>

namespace flexcim {

class Divisor {
 public:
  /// `value` at least 1.
  explicit Divisor(std::uint64_t value) : value_(value), exact_below_(value == 1 ? 0 : ~std::uint64_t{0} / value) {
    // ceil(2^64 / value) exceeds 2^64 / value by e / value with e < value: n times it, over 2^64, is off by less than
    // 1 / value, and so rounds down to the quotient, while n * e < 2^64.
    if (value > 1) inverse_ = ~std::uint64_t{0} / value + 1;
  }

  std::uint64_t value() const { return value_; }
  std::uint64_t quotient(std::uint64_t n) const {
    if (n >= exact_below_) return exact_below_ == 0 ? n : n / value_;  // 0 for 1
    return static_cast<std::uint64_t>(static_cast<unsigned __int128>(n) * inverse_ >> 64);
  }
  std::uint64_t remainder(std::uint64_t n) const { return n - quotient(n) * value_; }
  std::uint64_t ceiling(std::uint64_t n) const { return quotient(n + value_ - 1); }

 private:
  std::uint64_t value_;
  std::uint64_t exact_below_;
  std::uint64_t inverse_ = 0;
};

}  // namespace flexcim
