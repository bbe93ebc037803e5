// What the DMA engine knows of a request under way.
#pragma once

#include "tlm/dma/dma.h"

#include <deque>
#include <utility>

namespace flexcim {

constexpr Cycle kNever = ~Cycle{0};

/// A request and how far it is.
struct Dma::Transfer {
  explicit Transfer(DmaRequest asked)
      : request(std::move(asked)), total(request.rows * request.row_bytes), row_bytes(request.row_bytes) {}

  DmaRequest request;
  const std::uint64_t total;
  const Divisor row_bytes;
  std::uint64_t issued = 0;  ///< bytes
  /// Ends of the bursts issued, in order of bytes: {end of its bytes, cycle or kNever}.
  std::deque<std::pair<std::uint64_t, Cycle>> pending;
  Cycle reached = 0;                     ///< latest end so far
  const std::uint8_t* source = nullptr;  ///< of a borrowing request, in the simulator
  ErrorCode error = ErrorCode::none;
  bool aborted = false;

  /// The local bytes at offset `at` of the transfer.
  std::uint8_t* local(std::uint64_t at) const {
    const std::uint64_t row = row_bytes.quotient(at);
    return request.data + row * request.local_stride + (at - row * request.row_bytes);
  }

  /// Whether the rows follow each other without a gap, here and there.
  bool gapless() const {
    return request.rows == 1 ||
           (request.memory_stride == request.row_bytes && request.local_stride == request.row_bytes);
  }
  void tell_progress(const DmaProgress& progress) {
    if (request.on_progress) request.on_progress(progress);
  }
};

}  // namespace flexcim
