#include "tlm/observe/payload_rules.h"

#include "tlm/fabric/payload_shape.h"

#include <algorithm>

namespace flexcim {

namespace {

std::vector<unsigned char> copy(const unsigned char* bytes, unsigned length) {
  return bytes == nullptr ? std::vector<unsigned char>() : std::vector<unsigned char>(bytes, bytes + length);
}

bool same(const std::vector<unsigned char>& kept, const unsigned char* bytes) {
  return std::equal(kept.begin(), kept.end(), bytes);
}

}  // namespace

void check_begin(const tlm::tlm_generic_payload& payload, const RuleBroken& broken) {
  const bool moves_data = payload.get_command() != tlm::TLM_IGNORE_COMMAND;
  if (moves_data && payload.get_data_ptr() == nullptr) broken("14.11", "begins with a null data pointer");
  if (moves_data && payload.get_data_length() == 0) broken("14.12", "begins with data length 0");
  if (payload.get_byte_enable_ptr() != nullptr && payload.get_byte_enable_length() == 0) {
    broken("14.14", "begins with byte enables of length 0");
  } else if (byte_enables(payload) == ByteEnables::invalid) {
    broken("14.13", "begins with a byte enable that is neither 0 nor 0xFF");
  }
  if (payload.get_streaming_width() == 0) broken("14.15", "begins with streaming width 0");
  if (payload.is_dmi_allowed()) broken("14.16", "begins with the DMI hint set");
  if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) {
    broken("14.17", "begins with " + payload.get_response_string());
  }
  if (payload.get_gp_option() != tlm::TLM_MIN_PAYLOAD) broken("14.8", "begins with an option of DMI or debug");
}

PayloadSnapshot::PayloadSnapshot(const tlm::tlm_generic_payload& payload)
    : command_(payload.get_command()),
      data_(payload.get_data_ptr()),
      data_length_(payload.get_data_length()),
      byte_enables_(payload.get_byte_enable_ptr()),
      byte_enable_length_(payload.get_byte_enable_length()),
      streaming_width_(payload.get_streaming_width()),
      option_(payload.get_gp_option()),
      enables_(copy(byte_enables_, byte_enable_length_)) {
  if (payload.is_write()) written_ = copy(data_, data_length_);
}

void PayloadSnapshot::check_unchanged(const tlm::tlm_generic_payload& payload, const RuleBroken& broken) const {
  const bool same_data = payload.get_data_ptr() == data_ && payload.get_data_length() == data_length_;
  const bool same_enables =
      payload.get_byte_enable_ptr() == byte_enables_ && payload.get_byte_enable_length() == byte_enable_length_;
  if (payload.get_command() != command_) broken("14.7", "the command was changed");
  if (payload.get_data_ptr() != data_) broken("14.7", "the data pointer was changed");
  if (payload.get_data_length() != data_length_) broken("14.7", "the data length was changed");
  if (payload.get_byte_enable_ptr() != byte_enables_) broken("14.7", "the byte enable pointer was changed");
  if (payload.get_byte_enable_length() != byte_enable_length_) broken("14.7", "the byte enable length was changed");
  if (payload.get_streaming_width() != streaming_width_) broken("14.7", "the streaming width was changed");
  if (payload.get_gp_option() != option_) broken("14.8", "the option was changed");
  if (same_data && !same(written_, data_)) broken("14.7", "the data of a write were changed");
  if (same_enables && !same(enables_, byte_enables_)) broken("14.7", "the byte enables were changed");
}

}  // namespace flexcim
