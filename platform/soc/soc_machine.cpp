#include "platform/soc/soc_machine.h"

namespace flexcim {

debug::EndedCommand SocMachine::command(std::size_t number) const {
  const CommandRecord& record = accelerator_.records().at(number);
  const auto ps = [this](Cycle cycle) {
    return static_cast<std::uint64_t>(cycle * accelerator_.parameters().clock_ps);
  };
  return {record.tag, record.error, record.descriptor_address, ps(record.start), ps(record.end)};
}

void SocMachine::reset() {
  std::uint32_t control = accelerator_registers::kControlReset;
  tlm::tlm_generic_payload payload;
  payload.set_write();
  payload.set_address(accelerator_registers::control);
  payload.set_data_ptr(reinterpret_cast<unsigned char*>(&control));
  payload.set_data_length(sizeof control);
  payload.set_streaming_width(sizeof control);
  sc_core::sc_time delay;
  accelerator_.registers_socket.get_base_export()->b_transport(payload, delay);
  interrupt_controller_.reset();
  timer_.reset();
  uart_.reset();
}

}  // namespace flexcim
