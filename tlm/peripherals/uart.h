// A serial port: registers and rules of SiFive's UART (drivers exist in Linux, Zephyr, OpenSBI), and beyond them one
// register that shows lost characters. 8 data bits, no parity, one or two stop bits.
#pragma once

#include "tlm/fabric/register_file.h"
#include "tlm/interface/uart_registers.h"

#include <systemc>
#include <tlm_utils/simple_target_socket.h>

#include <deque>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace flexcim {

class Uart : public sc_core::sc_module, public UartRegisters {
 public:
  tlm_utils::simple_target_socket<RegisterFile> socket{"socket"};
  sc_core::sc_out<bool> interrupt{"interrupt"};  ///< level: ip & ie

  /// Every character that has left the line goes to `output`, which must outlive the UART. `clock` is the period that
  /// DIV divides; DIV comes out of reset with the value nearest to 115200 baud. Throws std::invalid_argument unless it
  /// is positive.
  Uart(const sc_core::sc_module_name& name, const sc_core::sc_time& clock, std::ostream& output);

  /// Puts characters on the receiving line, one after the other at the programmed rate, from now on or from when the
  /// receiver is enabled. To be called from the simulation's own thread.
  void receive(const std::string& characters);
  /// `step` is called whenever a character has left the line.
  void on_sent(std::function<void(char)> step) { on_sent_ = std::move(step); }

  /// All registers get their reset values at once, and the FIFOs are empty; a character on a line still arrives.
  void reset();

 private:
  void configure();
  sc_core::sc_time character_time() const;
  void write_txdata(std::uint32_t value);
  void start_sending();
  void end_sending();
  void start_receiving();
  void end_receiving();
  std::uint32_t interrupts_pending() const;
  void changed() { changed_.notify(sc_core::SC_ZERO_TIME); }
  void drive_interrupt();

  RegisterFile registers_;
  sc_core::sc_time clock_;
  std::ostream& output_;
  std::function<void(char)> on_sent_;
  std::deque<char> tx_;
  std::deque<char> rx_;
  std::deque<char> line_;  ///< what the other side still has to send
  char sent_ = 0;          ///< on the line
  bool sending_ = false;
  bool receiving_ = false;
  sc_core::sc_event sent_event_;
  sc_core::sc_event received_event_;
  sc_core::sc_event changed_;
};

}  // namespace flexcim
