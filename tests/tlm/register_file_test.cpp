#include "tlm/fabric/register_file.h"

#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/registers.h"
#include "tlm/interface/uart_registers.h"

#include <catch2/catch.hpp>

using namespace flexcim;

namespace {

RegisterMap uartish() {
  return {
      "DEMO",
      {{"ID", 0x00, RegisterAccess::read_only, 0xF1EC, "identity", {}},
       {"CONTROL", 0x04, RegisterAccess::read_write, 0x1, "control", {{"ENABLE", 0, 1, "runs"}, {"MODE", 4, 3, "how"}}},
       {"IRQ", 0x08, RegisterAccess::write_1_to_clear, 0, "pending", {}},
       {"DOORBELL", 0x10, RegisterAccess::write_only, 0, "go", {}}}};
}

tlm::tlm_response_status access(RegisterFile& file, tlm::tlm_command command, std::uint64_t address,
                                std::uint32_t& value, unsigned bytes = 4) {
  tlm::tlm_generic_payload transaction;
  std::uint64_t data = value;
  transaction.set_command(command);
  transaction.set_address(address);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  transaction.set_data_length(bytes);
  transaction.set_streaming_width(bytes);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  file.b_transport(transaction, delay);
  value = static_cast<std::uint32_t>(data);
  return transaction.get_response_status();
}

}  // namespace

TEST_CASE("Register file: direction, size and alignment decide the response") {
  RegisterFile file(uartish());
  std::uint32_t value = 7;
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x00, value) == tlm::TLM_OK_RESPONSE);
  CHECK(value == 0xF1EC);
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x00, value) == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x10, value) == tlm::TLM_COMMAND_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x0C, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x1'0000'0000, value) == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x02, value) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x00, value, 2) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x04, value, 8) == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(file.get(0x04) == 1);
}

TEST_CASE("Register file: byte enables that leave out a byte and short streaming widths are refused") {
  RegisterFile file(uartish());
  tlm::tlm_generic_payload transaction;
  std::uint32_t data = 0x55;
  unsigned char enables[4] = {0xff, 0xff, 0xff, 0};
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  transaction.set_command(tlm::TLM_WRITE_COMMAND);
  transaction.set_address(4);
  transaction.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  transaction.set_data_length(4);
  transaction.set_streaming_width(4);
  transaction.set_byte_enable_ptr(enables);
  transaction.set_byte_enable_length(4);
  file.b_transport(transaction, delay);
  CHECK(transaction.get_response_status() == tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  transaction.set_byte_enable_ptr(nullptr);
  transaction.set_streaming_width(2);
  file.b_transport(transaction, delay);
  CHECK(transaction.get_response_status() == tlm::TLM_BURST_ERROR_RESPONSE);
  CHECK(file.get(4) == 1);

  // A word with all of its bytes enabled is a word.
  transaction.set_streaming_width(4);
  transaction.set_byte_enable_ptr(enables);
  transaction.set_byte_enable_length(2);
  file.b_transport(transaction, delay);
  CHECK(transaction.get_response_status() == tlm::TLM_OK_RESPONSE);
  CHECK(file.get(4) == 0x51);  // bit 2 is in no field
}

TEST_CASE("Register file: a written 1 clears, a written 0 leaves") {
  RegisterFile file(uartish());
  file.set(0x08, 0b1101);
  std::uint32_t value = 0b0110;
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x08, value) == tlm::TLM_OK_RESPONSE);
  CHECK(file.get(0x08) == 0b1001);
}

TEST_CASE("Register file: a write reaches the bits that fields name, by the access of each") {
  using A = RegisterAccess;
  RegisterMap map{"DEMO",
                  {{"MIXED",
                    0x00,
                    A::read_write,
                    0x8000'0000,
                    "all kinds",
                    {{"MODE", 0, 4, ""},
                     {"GO", 4, 1, "", A::write_only},
                     {"LOST", 8, 2, "", A::write_1_to_clear},
                     {"FULL", 31, 1, "", A::read_only}}},
                   {"PENDING", 0x04, A::write_1_to_clear, 0, "", {{"A", 0, 1, ""}, {"B", 1, 1, "", A::read_only}}},
                   {"GO", 0x08, A::write_only, 0, "", {{"CODE", 16, 16, ""}}}}};
  CHECK(map.registers[0].mask(A::read_write) == 0xF);
  CHECK(map.registers[0].mask(A::write_only) == 0x10);
  CHECK(map.registers[0].mask(A::write_1_to_clear) == 0x300);
  CHECK(map.registers[0].mask(A::read_only) == 0x8000'0000);
  RegisterFile file(map);
  std::uint32_t seen = 0;
  for (const std::uint32_t offset : {0u, 4u, 8u}) file.on_write(offset, [&](std::uint32_t value) { seen = value; });

  file.set_bits(0x00, 0x300);
  std::uint32_t value = 0x0000'01F5;  // MODE 5, GO, one of LOST, and bits that do not exist
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x00, value) == tlm::TLM_OK_RESPONSE);
  CHECK(file.get(0x00) == 0x8000'0205);
  CHECK(seen == 0x115);

  file.set(0x04, 0b111);
  value = 0xFFFF'FFFF;
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x04, value) == tlm::TLM_OK_RESPONSE);
  CHECK(file.get(0x04) == 0b110);
  CHECK(seen == 0b001);

  value = 0xABCD'5555;
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x08, value) == tlm::TLM_OK_RESPONSE);
  CHECK(seen == 0xABCD'0000);
}

TEST_CASE("Register file: without fields all bits of a register are there") {
  RegisterFile file(uartish());
  std::uint32_t written = 0, value = 0xDEAD'BEEF;
  file.on_write(0x10, [&](std::uint32_t v) { written = v; });
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x10, value) == tlm::TLM_OK_RESPONSE);
  CHECK(written == 0xDEAD'BEEF);
  CHECK(uartish().registers[3].mask(RegisterAccess::write_only) == 0xFFFF'FFFF);
  CHECK(uartish().registers[3].mask(RegisterAccess::read_write) == 0);
}

TEST_CASE("Register file: callbacks see every ordinary access and no debug access") {
  RegisterFile file(uartish());
  int reads = 0;
  std::vector<std::uint32_t> writes;
  file.on_read(0x04, [&] { return 0x100u + static_cast<std::uint32_t>(++reads); });
  file.on_write(0x10, [&](std::uint32_t value) { writes.push_back(value); });
  std::uint32_t value = 0;
  CHECK(access(file, tlm::TLM_READ_COMMAND, 0x04, value) == tlm::TLM_OK_RESPONSE);
  CHECK(value == 0x101);
  value = 42;
  CHECK(access(file, tlm::TLM_WRITE_COMMAND, 0x10, value) == tlm::TLM_OK_RESPONSE);
  CHECK(writes == std::vector<std::uint32_t>{42});

  tlm::tlm_generic_payload debug;
  std::uint32_t data = 43;
  debug.set_command(tlm::TLM_WRITE_COMMAND);
  debug.set_address(0x10);
  debug.set_data_ptr(reinterpret_cast<unsigned char*>(&data));
  debug.set_data_length(4);
  debug.set_streaming_width(0);  // means nothing here
  CHECK(file.transport_dbg(debug) == 4);
  CHECK(writes.size() == 1);
  debug.set_address(0x0C);
  CHECK(file.transport_dbg(debug) == 0);
}

TEST_CASE("Register file: reset restores the declared values") {
  RegisterFile file(uartish());
  file.set(0x04, 0x70);
  file.set(0x08, 0xF);
  file.reset();
  CHECK(file.get(0x04) == 1);
  CHECK(file.get(0x08) == 0);
}

TEST_CASE("Register file: the C header and the table come from the same list") {
  const std::string header = register_c_header(uartish());
  CHECK(header.find("#define DEMO_CONTROL 0x004u") != std::string::npos);
  CHECK(header.find("#define DEMO_CONTROL_MODE_MASK 0x00000070u") != std::string::npos);
  CHECK(header.find("#define DEMO_CONTROL_MODE_SHIFT 4") != std::string::npos);
  const std::string table = register_table(uartish());
  CHECK(table.find("| 0x008 | `IRQ` | W1C | 0x0 | pending |") != std::string::npos);
  CHECK(table.find("[6:4] `MODE`: how") != std::string::npos);
}

TEST_CASE("Register map: the constants of drivers are the fields' masks") {
  namespace reg = accelerator_registers;
  const auto find = [](const RegisterMap& map, const std::string& name) {
    for (const RegisterInfo& each : map.registers) {
      if (each.name == name) return each;
    }
    throw std::logic_error(name);
  };
  const RegisterMap accelerator = reg::map();
  const RegisterInfo control = find(accelerator, "CONTROL");
  CHECK(control.mask(RegisterAccess::read_write) == reg::kControlEnable);
  CHECK(control.mask(RegisterAccess::write_only) == (reg::kControlReset | reg::kControlResume));
  CHECK(find(accelerator, "STATUS").mask(RegisterAccess::read_only) == (reg::kStatusBusy | reg::kStatusHalted));
  CHECK(find(accelerator, "IRQ_STATUS").mask(RegisterAccess::write_1_to_clear) == (reg::kIrqDone | reg::kIrqError));
  CHECK(find(accelerator, "IRQ_ENABLE").mask(RegisterAccess::read_write) == 0xFFFF'FFFF);
  CHECK(find(accelerator, "RING_SIZE").mask(RegisterAccess::read_write) == 0xFFFF'FFFF);

  using Uart = UartRegisters;
  const RegisterMap uart = Uart::register_map(0);
  CHECK(find(uart, "TXDATA").mask(RegisterAccess::read_only) == Uart::fifo_full);
  CHECK(find(uart, "IE").mask(RegisterAccess::read_write) == (Uart::tx_watermark | Uart::rx_watermark));
  CHECK(find(uart, "STATUS").mask(RegisterAccess::write_1_to_clear) == (Uart::tx_overrun | Uart::rx_overrun));
  CHECK(find(uart, "STATUS").mask(RegisterAccess::read_only) == Uart::tx_busy);
  CHECK(find(InterruptControllerRegisters::register_map(31), "ENABLE").mask(RegisterAccess::read_write) == 0xFFFF'FFFE);
}

TEST_CASE("Register map: contradictions are found") {
  RegisterMap map = uartish();
  map.registers[1].fields.push_back({"CLASH", 5, 1, ""});
  CHECK_THROWS_AS(map.check(), std::logic_error);
  map = uartish();
  map.registers[1].offset = 0x08;
  CHECK_THROWS_AS(map.check(), std::logic_error);
  map = uartish();
  map.registers[3].fields = {{"CODE", 0, 4, "", RegisterAccess::read_write}};
  CHECK_THROWS_WITH(map.check(), "DEMO: field DOORBELL.CODE is RW in a register that is WO");
  map = uartish();
  map.registers[0].fields = {{"REVISION", 0, 4, "", RegisterAccess::write_1_to_clear}};
  CHECK_THROWS_AS(map.check(), std::logic_error);
  map = uartish();
  map.registers[1].offset = 0x06;
  CHECK_THROWS_AS(RegisterFile(map), std::logic_error);
}
