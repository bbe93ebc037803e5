// The other end of the UART's line as a pseudo terminal, which a terminal program opens.
#pragma once

#include "tlm/peripherals/uart.h"

#include <systemc>

#include <string>

namespace flexcim {

/// What is typed there is received by the UART within 10 us of simulated time. While nothing else happens in the
/// simulation, simulated time goes 10 us in a millisecond of real time at most: who types is slow.
class PseudoTerminal : public sc_core::sc_module {
 public:
  /// `uart` outlives it. Throws std::system_error where there is no pseudo terminal to be had.
  PseudoTerminal(const sc_core::sc_module_name& name, Uart& uart);
  ~PseudoTerminal() override;
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  /// What to open.
  const std::string& path() const { return path_; }
  /// Shows a character there; it is lost where nobody has read so many before it that there is no room.
  void put(char character) const;

 private:
  void listen();
  void start_of_simulation() override;

  Uart& uart_;
  int master_ = -1;
  int slave_ = -1;  ///< open as well, so that characters wait for who opens it later
  std::string path_;
};

}  // namespace flexcim
