// Which bytes a generic payload's byte enables and streaming width speak of (IEEE 1666-2011, 14.13 to 14.15).
#pragma once

#include <tlm>

#include <algorithm>

namespace flexcim {

/// Bytes from the address on that a transaction touches. A stream, whose streaming width is below its data length,
/// passes over them beat by beat; any other transaction once.
inline unsigned touched_bytes(const tlm::tlm_generic_payload& transaction) {
  return std::min(transaction.get_streaming_width(), transaction.get_data_length());
}

enum class ByteEnables {
  all,     ///< every byte of the data, or there are no byte enables
  some,    ///< or none
  invalid  ///< the array is empty, or one that applies to a byte is neither 0 nor 0xFF
};

/// Byte i of the data has byte enable i modulo the byte enable length; those beyond the data mean nothing.
ByteEnables byte_enables(const tlm::tlm_generic_payload& transaction);

}  // namespace flexcim
