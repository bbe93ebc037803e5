// What a memory's code makes of wrong bits (tlm/timing/protection.h).
#pragma once

#include "tlm/timing/protection.h"

#include <cstdint>

namespace flexcim {

/// The wrong bits of a code word. The codes are linear: what a decoder does follows from them, whatever the data are.
struct WrongBits {
  std::uint64_t data = 0;
  std::uint32_t check = 0;
};

enum class Decoded {
  clean,      ///< nothing is wrong
  corrected,  ///< nothing is wrong any more
  detected,   ///< the word is known to be wrong
  silent      ///< the data are wrong, and nobody knows
};

/// Decodes a word of 32 or 64 data bits. `wrong` is then what is still wrong with its data: a decoder that meets more
/// bits than its code is made for may take them for another one, and makes that wrong as well.
Decoded decode(Protection protection, int data_bits, WrongBits& wrong);

}  // namespace flexcim
