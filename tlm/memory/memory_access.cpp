#include "tlm/memory/memory_access.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

namespace {

void move(MemoryStore& store, tlm::tlm_generic_payload& transaction, std::uint64_t bytes) {
  std::uint8_t* const here = store.data() + transaction.get_address();
  if (transaction.is_read()) std::memcpy(transaction.get_data_ptr(), here, bytes);
  if (transaction.is_write()) std::memcpy(here, transaction.get_data_ptr(), bytes);
}

}  // namespace

bool access_memory(MemoryStore& store, tlm::tlm_generic_payload& transaction) {
  const unsigned bytes = transaction.get_data_length();
  if (transaction.get_byte_enable_ptr() != nullptr) {
    transaction.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else if (transaction.get_streaming_width() < bytes || bytes == 0) {
    transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (!store.contains(transaction.get_address(), bytes)) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else {
    move(store, transaction, bytes);
    transaction.set_response_status(tlm::TLM_OK_RESPONSE);
    return true;
  }
  return false;
}

unsigned access_memory_debug(MemoryStore& store, tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  if (address >= store.size()) return 0;
  const std::uint64_t bytes = std::min<std::uint64_t>(transaction.get_data_length(), store.size() - address);
  move(store, transaction, bytes);
  return static_cast<unsigned>(bytes);
}

}  // namespace flexcim
