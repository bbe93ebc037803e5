#include "tlm/timing/loans.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

void Loans::lend(std::uint64_t address, std::uint8_t* data, const std::uint8_t* source, std::uint64_t bytes) {
  Piece* const last = pieces_.empty() ? nullptr : &pieces_.back();
  if (last != nullptr && last->data + last->bytes == data && last->source + last->bytes == source) {
    last->bytes += bytes;
  } else {
    pieces_.push_back({data, bytes, source});
  }
  watch(address, bytes);
}

void Loans::watch(std::uint64_t address, std::uint64_t bytes) {
  const std::uint64_t end = address + bytes;
  const auto meets = [&](const Range& range) { return address <= range.end && range.begin <= end; };
  const auto met = std::find_if(watched_.begin(), watched_.end(), meets);
  if (met == watched_.end()) {
    watched_.push_back({address, end});
  } else {
    met->begin = std::min(met->begin, address);
    met->end = std::max(met->end, end);
  }
}

const std::uint8_t* Loans::locate(const std::uint8_t* data, std::uint64_t bytes) {
  for (const Piece& piece : pieces_) {
    if (data + bytes <= piece.data || piece.data + piece.bytes <= data) continue;
    if (piece.data <= data && data + bytes <= piece.data + piece.bytes) return piece.source + (data - piece.data);
    return_all();  // one part here, one there
    break;
  }
  return data;
}

void Loans::forget(const std::uint8_t* data, std::uint64_t bytes) {
  // Where an allocator puts buffers right behind each other, a piece may lie in two: what is outside stays borrowed.
  std::vector<Piece> rest;
  for (const Piece& piece : pieces_) {
    const auto offset = [&](const std::uint8_t* at) {
      return static_cast<std::uint64_t>(std::clamp<const std::uint8_t*>(at, piece.data, piece.data + piece.bytes) -
                                        piece.data);
    };
    const std::uint64_t begin = offset(data), end = offset(data + bytes);
    if (begin > 0) rest.push_back({piece.data, begin, piece.source});
    if (end < piece.bytes) rest.push_back({piece.data + end, piece.bytes - end, piece.source + end});
  }
  pieces_.swap(rest);
}

void Loans::return_all() {
  if (watched_.empty()) return;
  watched_.clear();
  if (before_return_) before_return_();
  for (const Piece& piece : pieces_) std::memcpy(piece.data, piece.source, piece.bytes);
  pieces_.clear();
}

void Loans::drop() {
  pieces_.clear();
  watched_.clear();
}

}  // namespace flexcim
