// The bytes of a simulated memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace flexcim {

/// Zero-initialised bytes, contiguous in the address space of the simulator but backed by pages of the machine only
/// where touched, so that a 16 GB DRAM costs what is used of it.
class MemoryStore {
 public:
  /// Throws InputError where the machine cannot give `bytes` (at least 1) of address space.
  explicit MemoryStore(std::uint64_t bytes);
  ~MemoryStore();
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::uint64_t size() const { return size_; }
  /// Whether [address, address + bytes) lies inside; no sum overflows.
  bool contains(std::uint64_t address, std::uint64_t bytes) const {
    return address <= size_ && bytes <= size_ - address;
  }

  /// Hears of bytes [address, address + bytes) that a memory has changed for a bus transaction, right after it; writes
  /// through data() are nobody's. Empty for none.
  using WriteListener = std::function<void(std::uint64_t address, std::uint64_t bytes)>;
  void set_write_listener(WriteListener listener) { write_listener_ = std::move(listener); }
  /// For the memory: tells the listener.
  void written(std::uint64_t address, std::uint64_t bytes) const {
    if (write_listener_ && bytes != 0) write_listener_(address, bytes);
  }

 private:
  std::uint8_t* data_ = nullptr;
  std::uint64_t size_ = 0;
  WriteListener write_listener_;
};

}  // namespace flexcim
