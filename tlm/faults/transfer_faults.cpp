#include "tlm/faults/transfer_faults.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr int kDataBits = 64;

}  // namespace

TransferFaults::TransferFaults(const FaultInjector& faults, FaultSite site, const TransferRows& rows,
                               std::uint64_t number)
    : site_(site), protection_(faults.protection(site)), rows_(rows) {
  if (!faults.aims_at(site)) return;
  FaultInjector::Access access{site, 0, number, 0, rows.rows * rows.row_bytes};
  faults.for_each_transient(access, [&](std::uint64_t byte, int bit, FaultKind kind) {
    add(byte / rows_.row_bytes, byte % rows_.row_bytes, bit, kind);
  });
  for (std::uint64_t row = 0; row < rows.rows; ++row) {
    access.first = rows.address + row * rows.stride;
    access.words = rows.row_bytes;
    faults.for_each_stuck(access, [&](std::uint64_t byte, int bit, FaultKind kind) { add(row, byte, bit, kind); });
  }
  access.words = rows.rows * rows.row_words();
  access.bits = static_cast<std::uint64_t>(check_bits(protection_, kDataBits));
  if (access.bits > 0) {
    faults.for_each_check(access, [&](std::uint64_t word, int bit) {
      hits_.push_back({word, kDataBits + bit, FaultKind::transient});
    });
  }
  std::stable_sort(hits_.begin(), hits_.end(), [](const Hit& a, const Hit& b) { return a.word < b.word; });
}

void TransferFaults::add(std::uint64_t row, std::uint64_t byte, int bit, FaultKind kind) {
  const auto in_word = static_cast<int>(byte % TransferRows::kWordBytes);
  hits_.push_back({row * rows_.row_words() + byte / TransferRows::kWordBytes, in_word * 8 + bit, kind});
}

std::uint8_t* TransferFaults::word(std::uint64_t number) const {
  const std::uint64_t row = number / rows_.row_words(), in_row = number % rows_.row_words();
  return rows_.data + row * rows_.local_stride + in_row * TransferRows::kWordBytes;
}

bool TransferFaults::apply(std::uint64_t end, FaultCounts& counts) {
  while (next_ < hits_.size() && hits_[next_].word < end) {
    const std::uint64_t number = hits_[next_].word;
    std::uint8_t* const bytes = word(number);
    WrongBits wrong;
    for (; next_ < hits_.size() && hits_[next_].word == number; ++next_) {
      const Hit& hit = hits_[next_];
      if (hit.bit >= kDataBits) {
        wrong.check ^= 1u << (hit.bit - kDataBits);
        continue;
      }
      const bool before = (bytes[hit.bit / 8] >> (hit.bit % 8) & 1) != 0;
      if (FaultInjector::faulty(hit.kind, before) != before) wrong.data |= std::uint64_t{1} << hit.bit;
    }
    if (decode_word(protection_, kDataBits, wrong, counts) == Decoded::detected) return false;
    // A decoder's mistake may lie in bytes that a short last word has not got.
    const std::uint64_t left = rows_.row_bytes - number % rows_.row_words() * TransferRows::kWordBytes;
    for (std::uint64_t i = 0; i < std::min(left, TransferRows::kWordBytes); ++i) {
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ (wrong.data >> (8 * i)));
    }
  }
  return true;
}

}  // namespace flexcim
