// Bytes that have been read as far as time goes, but not copied yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim {

/// A reader that runs ahead of simulated time need not copy what it reads from memory: nobody else can change it until
/// time goes on. It borrows the bytes: locate() says where they are, and return_all() brings all of them to where they
/// belong, before anybody else may write. Addresses are the memory's; `data` is where the bytes belong, `source` where
/// they lie in the simulator, in one piece.
class Loans {
 public:
  /// `step` comes first in every return: whoever has asked locate() must not rely on it any more.
  void set_before_return(std::function<void()> step) { before_return_ = std::move(step); }

  /// [address, address + bytes) is read to `data`, but stays at `source`.
  void lend(std::uint64_t address, std::uint8_t* data, const std::uint8_t* source, std::uint64_t bytes);
  /// [address, address + bytes) is looked at before it is read: it must not change before the next return either.
  void watch(std::uint64_t address, std::uint64_t bytes);
  /// Where the bytes of [data, data + bytes) are: at `data`, or at their source until the next return. Where only a
  /// part is borrowed, all loans are returned first.
  const std::uint8_t* locate(const std::uint8_t* data, std::uint64_t bytes);
  /// [data, data + bytes) is not needed any more: what is borrowed for it is never copied. What is borrowed beside it
  /// stays so.
  void forget(const std::uint8_t* data, std::uint64_t bytes);
  /// Copies everything that is borrowed to where it belongs.
  void return_all();
  /// [address, address + bytes) of the memory is about to change.
  void prepare_write(std::uint64_t address, std::uint64_t bytes) {
    const auto changes = [&](const Range& range) { return address < range.end && range.begin < address + bytes; };
    if (std::any_of(watched_.begin(), watched_.end(), changes)) return_all();
  }
  /// Forgets everything; nothing is copied.
  void drop();

 private:
  struct Piece {
    std::uint8_t* data;
    std::uint64_t bytes;
    const std::uint8_t* source;
  };
  struct Range {
    std::uint64_t begin, end;
  };

  std::vector<Piece> pieces_;
  /// In memory since the last return: all pieces, forgotten ones too, and what is watched. Weights follow each other,
  /// so that there are few.
  std::vector<Range> watched_;
  std::function<void()> before_return_;
};

}  // namespace flexcim
