// What every memory does with a generic payload.
#pragma once

#include "tlm/memory/memory_store.h"

#include <tlm>

namespace flexcim {

/// Moves the data between `store` and the payload and sets the response status; false where refused: byte enables are
/// TLM_BYTE_ENABLE_ERROR_RESPONSE, a streaming width below the length or no bytes at all TLM_BURST_ERROR_RESPONSE,
/// bytes beyond the end TLM_ADDRESS_ERROR_RESPONSE.
bool access_memory(MemoryStore& store, tlm::tlm_generic_payload& transaction);

/// As transport_dbg: the bytes that lie inside.
unsigned access_memory_debug(MemoryStore& store, tlm::tlm_generic_payload& transaction);

}  // namespace flexcim
