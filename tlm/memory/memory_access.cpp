#include "tlm/memory/memory_access.h"

#include "tlm/fabric/payload_shape.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

namespace {

void move(MemoryStore& store, tlm::tlm_generic_payload& transaction, std::uint64_t bytes) {
  std::uint8_t* const here = store.data() + transaction.get_address();
  if (transaction.is_read()) std::memcpy(transaction.get_data_ptr(), here, bytes);
  if (!transaction.is_write()) return;
  std::memcpy(here, transaction.get_data_ptr(), bytes);
  store.written(transaction.get_address(), bytes);
}

/// Byte by byte: with byte enables, or beat by beat.
void move_bytes(MemoryStore& store, const tlm::tlm_generic_payload& transaction) {
  std::uint8_t* const here = store.data() + transaction.get_address();
  unsigned char* const data = transaction.get_data_ptr();
  const unsigned char* const enables = transaction.get_byte_enable_ptr();
  const unsigned width = touched_bytes(transaction), period = transaction.get_byte_enable_length();
  unsigned place = 0, enable = 0;  // in the beat, in the byte enables
  for (unsigned i = 0; i < transaction.get_data_length(); ++i) {
    if (enables == nullptr || enables[enable] == TLM_BYTE_ENABLED) {
      if (transaction.is_read()) data[i] = here[place];
      if (transaction.is_write()) here[place] = data[i];
    }
    if (++place == width) place = 0;
    if (++enable == period) enable = 0;
  }
}

tlm::tlm_response_status access_bytes(MemoryStore& store, const tlm::tlm_generic_payload& transaction) {
  if (byte_enables(transaction) == ByteEnables::invalid) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  const unsigned bytes = touched_bytes(transaction);
  if (bytes == 0) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (!store.contains(transaction.get_address(), bytes)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  move_bytes(store, transaction);
  if (transaction.is_write()) store.written(transaction.get_address(), bytes);
  return tlm::TLM_OK_RESPONSE;
}

}  // namespace

bool access_memory(MemoryStore& store, tlm::tlm_generic_payload& transaction) {
  const unsigned bytes = transaction.get_data_length();
  const bool plain = transaction.get_byte_enable_ptr() == nullptr && transaction.get_streaming_width() >= bytes;
  if (plain && bytes > 0 && store.contains(transaction.get_address(), bytes)) {
    move(store, transaction, bytes);
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    return true;
  }
  transaction.set_response_status(access_bytes(store, transaction));
  return transaction.is_response_ok();
}

unsigned access_memory_debug(MemoryStore& store, tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  if (address >= store.size()) return 0;
  const std::uint64_t bytes = std::min<std::uint64_t>(transaction.get_data_length(), store.size() - address);
  move(store, transaction, bytes);
  return static_cast<unsigned>(bytes);
}

}  // namespace flexcim
