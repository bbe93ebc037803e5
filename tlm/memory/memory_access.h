// What every memory does with a generic payload.
#pragma once

#include "tlm/memory/memory_store.h"

#include <tlm>

namespace flexcim {

/// Moves the data between `store` and the payload and sets the response status. Byte enables may have any length;
/// shorter than the data, they repeat. Bytes that are not enabled stay as they are, in memory and in the data of a
/// read. With a streaming width below the length, every beat is an access at the transaction's address; the last beat
/// is shorter where the width does not divide the length. Returns false and moves nothing where the access is refused:
///   byte enables that the standard does not know (ByteEnables)   TLM_BYTE_ENABLE_ERROR_RESPONSE
///   a streaming width of 0, or no bytes at all                   TLM_BURST_ERROR_RESPONSE
///   touched bytes beyond the end                                 TLM_ADDRESS_ERROR_RESPONSE
bool access_memory(MemoryStore& store, tlm::tlm_generic_payload& transaction);

/// As transport_dbg: the bytes that lie inside, whatever byte enables and streaming width are (IEEE 1666-2011, 11.3.4).
unsigned access_memory_debug(MemoryStore& store, tlm::tlm_generic_payload& transaction);

}  // namespace flexcim
