#include "platform/run/pseudo_terminal.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace flexcim {
namespace {

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category(), "host.uart: no pseudo terminal"); }

}  // namespace

PseudoTerminal::PseudoTerminal(const sc_core::sc_module_name& name, Uart& uart) : sc_module(name), uart_(uart) {
  master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  std::array<char, 128> path{};
  if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0 ||
      ::ptsname_r(master_, path.data(), path.size()) != 0) {
    fail();
  }
  path_ = path.data();
  slave_ = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (slave_ < 0 || ::tcgetattr(slave_, &settings) != 0) fail();
  ::cfmakeraw(&settings);
  if (::tcsetattr(slave_, TCSANOW, &settings) != 0) fail();
  SC_HAS_PROCESS(PseudoTerminal);
  SC_THREAD(listen);
}

PseudoTerminal::~PseudoTerminal() {
  if (slave_ >= 0) ::close(slave_);
  if (master_ >= 0) ::close(master_);
}

void PseudoTerminal::start_of_simulation() {
  fmt::print("uart: {}\n", path_);
  std::fflush(stdout);
}

void PseudoTerminal::put(char character) const { (void)!::write(master_, &character, 1); }

void PseudoTerminal::listen() {
  const sc_core::sc_time step(10, sc_core::SC_US);
  constexpr int kRealMs = 1;
  for (;;) {
    const bool quiet = !sc_core::sc_pending_activity();
    pollfd typed{master_, POLLIN, 0};
    if (::poll(&typed, 1, quiet ? kRealMs : 0) > 0) {
      std::array<char, 256> characters{};
      const ssize_t count = ::read(master_, characters.data(), characters.size());
      if (count > 0) uart_.receive(std::string(characters.data(), static_cast<std::size_t>(count)));
    }
    wait(step);
  }
}

}  // namespace flexcim
