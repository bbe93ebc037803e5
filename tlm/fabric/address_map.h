// Which address belongs to which target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// [base, base + size): the last byte is base + size - 1 and may be the last of the 64-bit space.
struct AddressRange {
  std::uint64_t base = 0;
  std::uint64_t size = 0;
  std::string label;

  /// Whether all of [address, address + bytes) lies inside; no sum overflows.
  bool contains(std::uint64_t address, std::uint64_t bytes) const {
    return address >= base && address - base < size && bytes <= size - (address - base);
  }
};

class AddressMap {
 public:
  static constexpr int kMiss = -1;

  /// Adds a range and returns its number, counted from 0. Throws InputError that names both for an overlap, and for a
  /// range that is empty or leaves the 64-bit space.
  int add(AddressRange range);

  /// The number of the range that holds all of [address, address + bytes), or kMiss.
  int find(std::uint64_t address, std::uint64_t bytes) const;

  const AddressRange& operator[](int number) const { return ranges_[static_cast<std::size_t>(number)]; }
  int size() const { return static_cast<int>(ranges_.size()); }
  /// One line per range, by address: first, last, size, label.
  std::string to_string() const;

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace flexcim
