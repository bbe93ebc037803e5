// What lies in a memory when the simulation starts.
#pragma once

#include "flow/base/mapped_vector.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace flexcim {

/// Named segments of one memory, each at its place, none over another. Segments without bytes have no place.
class MemoryImage {
 public:
  /// `base`: address of the memory's first byte.
  explicit MemoryImage(std::uint64_t base) : base_(base) {}

  /// Puts `data` behind all segments, at the next page of 4 KiB. Returns the address.
  std::uint64_t append(const std::string& name, MappedVector<std::uint8_t> data);
  /// The same for `bytes` that the simulation fills; 0 until then.
  std::uint64_t reserve(const std::string& name, std::uint64_t bytes);
  /// Puts `data` at `address`. Throws InputError that names the segment, where it lies outside of the address space or
  /// before the base, and both segments where it would lie over another.
  void place(const std::string& name, std::uint64_t address, std::vector<std::uint8_t> data);

  /// The least size of a memory that holds all segments: whole pages from the base on.
  std::uint64_t bytes() const;
  /// Copies all data into `memory`, which has `size` bytes and begins at the base. Throws InputError that names the
  /// first segment that ends behind it, and leaves the memory as it is then.
  void load(std::uint8_t* memory, std::uint64_t size) const;
  /// The same into memory that is a mapping of its own (MemoryStore), for the last time: data of mapped files are
  /// mapped there, copied on write, and others are no longer kept.
  void move_to(std::uint8_t* memory, std::uint64_t size);

 private:
  struct Segment {
    std::string name;
    std::uint64_t bytes = 0;
    MappedVector<std::uint8_t> data;  ///< none where it is only reserved
  };
  using Segments = std::map<std::uint64_t, Segment>;  ///< by address

  std::uint64_t add(std::uint64_t address, Segment segment);
  void require_inside(std::uint64_t size) const;
  std::uint64_t next_page() const { return base_ + bytes(); }
  static std::string text(const Segments::value_type& segment);

  const std::uint64_t base_;
  Segments segments_;
};

}  // namespace flexcim
