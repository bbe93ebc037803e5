#include "tlm/interface/uart_registers.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace flexcim {

std::uint32_t UartRegisters::reset_div(Picoseconds clock) {
  if (clock <= 0) throw std::invalid_argument("uart: the clock has no period");
  constexpr double reset_baud = 115200;
  const double cycles_per_bit = std::round(1e12 / (reset_baud * static_cast<double>(clock)));
  return static_cast<std::uint32_t>(std::clamp(cycles_per_bit, 1.0, 65536.0)) - 1;
}

RegisterMap UartRegisters::register_map(std::uint32_t reset_div) {
  const RegisterAccess rw = RegisterAccess::read_write, ro = RegisterAccess::read_only;
  return {"UART",
          {{"TXDATA",
            txdata,
            rw,
            0,
            "a write sends",
            {{"DATA", 0, 8, "character; reads 0", RegisterAccess::write_only}, {"FULL", 31, 1, "FIFO full", ro}}},
           {"RXDATA",
            rxdata,
            ro,
            0,
            "a read takes a character",
            {{"DATA", 0, 8, "character"}, {"EMPTY", 31, 1, "FIFO empty"}},
            true},
           {"TXCTRL",
            txctrl,
            rw,
            0,
            "transmitter",
            {{"TXEN", 0, 1, "enabled"}, {"NSTOP", 1, 1, "stop bits less one"}, {"TXCNT", 16, 3, "watermark"}}},
           {"RXCTRL", rxctrl, rw, 0, "receiver", {{"RXEN", 0, 1, "enabled"}, {"RXCNT", 16, 3, "watermark"}}},
           {"IE", ie, rw, 0, "interrupt enable", {{"TXWM", 0, 1, "transmitter"}, {"RXWM", 1, 1, "receiver"}}},
           {"IP",
            ip,
            ro,
            0,
            "interrupt pending",
            {{"TXWM", 0, 1, "fewer than TXCNT to send"}, {"RXWM", 1, 1, "more than RXCNT received"}}},
           {"DIV", div, rw, reset_div, "clock cycles of a bit less one", {{"VALUE", 0, 16, ""}}},
           {"STATUS",
            status,
            RegisterAccess::write_1_to_clear,
            0,
            "beyond SiFive's registers",
            {{"TX_OVERRUN", 0, 1, "a character was written to a full FIFO and is lost"},
             {"RX_OVERRUN", 1, 1, "a character met a full FIFO and is lost"},
             {"TX_BUSY", 2, 1, "characters are waiting or on the line", ro}}}}};
}

}  // namespace flexcim
