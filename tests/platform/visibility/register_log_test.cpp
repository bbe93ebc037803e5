#include "platform/visibility/register_log.h"

#include "tlm/interface/interrupt_controller_registers.h"
#include "tlm/interface/registers.h"
#include "tlm/interface/uart_registers.h"

#include <catch2/catch.hpp>
#include <sstream>

namespace flexcim {
namespace {

RegisterNames names() {
  return RegisterNames(
      {accelerator_registers::map(), UartRegisters::register_map(1), InterruptControllerRegisters::register_map(2)});
}

/// The words of a line.
std::vector<std::string> words(const RegisterAccessRecord& access) {
  std::istringstream text(names().line(access));
  std::vector<std::string> result;
  for (std::string word; text >> word;) result.push_back(word);
  return result;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("Register log: time, place, register, value and fields") {
  CHECK(words({1'234'567'890, 0x8000'0010, "main+0x10", true, 0x1001'0008, 4, 0x3, ""}) ==
        Words{"1234.567890", "0x80000010", "main+0x10", "W4", "FLEXCIM.CONTROL", "0x00000003", "ENABLE=1", "RESET=1",
              "RESUME=0"});
  CHECK(words({5, std::nullopt, "", false, 0x1000'0000, 4, 0x8000'0000, ""}) ==
        Words{"0.000005", "-", "-", "R4", "UART.TXDATA", "0x80000000", "DATA=0", "FULL=1"});
  // Part of a register has no fields.
  CHECK(words({0, std::nullopt, "", true, 0x1000'0000, 1, 0x41, ""}) ==
        Words{"0.000000", "-", "-", "W1", "UART.TXDATA", "0x00000041"});
}

TEST_CASE("Register log: what is no register, and what is refused") {
  CHECK(words({0, std::nullopt, "", false, 0x4000'0000, 4, 0, "TLM_ADDRESS_ERROR_RESPONSE"}) ==
        Words{"0.000000", "-", "-", "R4", "0x40000000", "-", "refused:", "TLM_ADDRESS_ERROR_RESPONSE"});
  CHECK(words({0, std::nullopt, "", true, 0x1001'0ffc, 4, 7, "E"}) ==
        Words{"0.000000", "-", "-", "W4", "FLEXCIM+0xffc", "0x00000007", "refused:", "E"});
  CHECK(names().name(0x8000'0000) == "DRAM+0x0");
  CHECK(names().name(0x0C20'0004) == "PLIC.CLAIM");
  CHECK(names().name(0x0200'BFF8) == "TIMER+0xbff8");  // whose registers these names do not have
}

}  // namespace flexcim
