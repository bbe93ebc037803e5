#include "tlm/timing/buffer_parameters.h"

#include <numeric>

namespace flexcim {

std::uint64_t BufferParameters::read_cycles(std::uint64_t first, std::uint64_t count, std::uint64_t row_bytes,
                                            std::uint64_t rows) const {
  if (banks > 1) return words(count);
  // Offsets in a word are `first` plus multiples of `step`: all of them, where there are rows enough.
  const std::uint64_t step = std::gcd(row_bytes, port_bytes);
  const std::uint64_t offset = rows == 1 ? first % port_bytes : port_bytes - step + first % step;
  return words(offset + count);
}

}  // namespace flexcim
