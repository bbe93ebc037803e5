// Registers of the serial port: SiFive's UART, and beyond them one register that shows lost characters.
#pragma once

#include "flow/base/cycle.h"
#include "tlm/interface/register_map.h"

#include <cstddef>
#include <cstdint>

namespace flexcim {

struct UartRegisters {
  static constexpr std::uint32_t txdata = 0x00;
  static constexpr std::uint32_t rxdata = 0x04;
  static constexpr std::uint32_t txctrl = 0x08;
  static constexpr std::uint32_t rxctrl = 0x0C;
  static constexpr std::uint32_t ie = 0x10;
  static constexpr std::uint32_t ip = 0x14;
  static constexpr std::uint32_t div = 0x18;
  static constexpr std::uint32_t status = 0x1C;

  static constexpr std::uint32_t fifo_full = 0x80000000;   ///< of txdata
  static constexpr std::uint32_t fifo_empty = 0x80000000;  ///< of rxdata
  static constexpr std::uint32_t tx_watermark = 1;         ///< of ie and ip
  static constexpr std::uint32_t rx_watermark = 2;
  static constexpr std::uint32_t tx_overrun = 1;  ///< of status
  static constexpr std::uint32_t rx_overrun = 2;
  static constexpr std::uint32_t tx_busy = 4;

  static constexpr std::size_t fifo_depth = 8;  ///< each way; the character on the line is not counted

  /// The value of DIV nearest to 115200 baud. Throws std::invalid_argument unless the clock's period is positive.
  static std::uint32_t reset_div(Picoseconds clock);
  /// `reset_div` is the reset value of DIV.
  static RegisterMap register_map(std::uint32_t reset_div);
};

}  // namespace flexcim
