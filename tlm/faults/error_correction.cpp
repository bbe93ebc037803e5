#include "tlm/faults/error_correction.h"

#include <array>

namespace flexcim {
namespace {

constexpr int ones(std::uint64_t word) { return __builtin_popcountll(word); }

/// The columns of a code's parity-check matrix that belong to data bits, as M. Y. Hsiao chose them (A Class of Optimal
/// Minimum Odd-weight-column SEC-DED Codes, IBM J. Res. Dev. 14(4), 1970): different, each with an odd number of ones,
/// as few as there are, in ascending order here. Those of check bits have a single one.
template <int kDataBits, int kCheckBits>
constexpr std::array<std::uint32_t, kDataBits> make_columns() {
  std::array<std::uint32_t, kDataBits> columns{};
  int found = 0;
  for (int weight = 3; found < kDataBits; weight += 2) {
    for (std::uint32_t column = 0; column < (1u << kCheckBits) && found < kDataBits; ++column) {
      if (ones(column) == weight) columns[found++] = column;
    }
  }
  return columns;
}

constexpr auto kColumns64 = make_columns<64, 8>();
constexpr auto kColumns32 = make_columns<32, 7>();

Decoded decode_secded(int data_bits, WrongBits& wrong) {
  const std::uint32_t* const columns = data_bits == 64 ? kColumns64.data() : kColumns32.data();
  std::uint32_t syndrome = wrong.check;
  for (std::uint64_t left = wrong.data; left != 0; left &= left - 1) syndrome ^= columns[__builtin_ctzll(left)];
  if (syndrome == 0) return wrong.data == 0 ? Decoded::clean : Decoded::silent;
  if (ones(syndrome) != 1) {
    int bit = 0;
    while (bit < data_bits && columns[bit] != syndrome) ++bit;
    if (bit == data_bits) return Decoded::detected;
    wrong.data ^= std::uint64_t{1} << bit;
  }
  return wrong.data == 0 ? Decoded::corrected : Decoded::silent;
}

}  // namespace

Decoded decode(Protection protection, int data_bits, WrongBits& wrong) {
  if (protection == Protection::secded) return decode_secded(data_bits, wrong);
  const bool odd = ones(wrong.data) % 2 != ones(wrong.check) % 2;
  if (protection == Protection::parity && odd) return Decoded::detected;
  return wrong.data == 0 ? Decoded::clean : Decoded::silent;
}

}  // namespace flexcim
