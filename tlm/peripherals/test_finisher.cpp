#include "tlm/peripherals/test_finisher.h"

#include <algorithm>

namespace flexcim {

TestFinisher::TestFinisher(const sc_core::sc_module_name& name) : sc_module(name), registers_(register_map()) {
  socket.register_b_transport(&registers_, &RegisterFile::b_transport);
  socket.register_transport_dbg(&registers_, &RegisterFile::transport_dbg);
  registers_.on_write(finish, [this](std::uint32_t value) { write_finish(value); });
}

void TestFinisher::write_finish(std::uint32_t value) {
  const std::uint32_t status = value & 0xFFFF;
  if (exit_code_ || (status != pass && status != fail)) return;
  exit_code_ = status == pass ? 0 : static_cast<int>(std::clamp<std::uint32_t>(value >> 16, 1, 255));
  sc_core::sc_stop();
}

}  // namespace flexcim
