#include "tlm/fabric/payload_shape.h"

namespace flexcim {

ByteEnables byte_enables(const tlm::tlm_generic_payload& transaction) {
  const unsigned char* const enables = transaction.get_byte_enable_ptr();
  if (enables == nullptr) return ByteEnables::all;
  const unsigned length = transaction.get_byte_enable_length();
  if (length == 0) return ByteEnables::invalid;
  const unsigned char* const end = enables + std::min(length, transaction.get_data_length());
  const auto enabled = std::count(enables, end, TLM_BYTE_ENABLED),
             disabled = std::count(enables, end, TLM_BYTE_DISABLED);
  if (enabled + disabled != end - enables) return ByteEnables::invalid;
  return disabled == 0 ? ByteEnables::all : ByteEnables::some;
}

}  // namespace flexcim
