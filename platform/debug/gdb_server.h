// gdb over TCP, of this machine only: `target remote :PORT`.
#pragma once

#include "platform/debug/debug_target.h"
#include "platform/debug/gdb_session.h"
#include "tlm/interface/register_map.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace flexcim::debug {

/// One client at a time; the next one waits until it has gone. A client that comes while the program runs stops it. One
/// that detaches lets it go on. One whose connection ends without that, or that does not speak the protocol, leaves the
/// program as it is: stopped until the next one comes, or running.
///
/// Everything happens in the caller's thread: stopped() waits for the client, without an end if none comes.
class GdbServer : public Debugger {
 public:
  /// Listens at 127.0.0.1; port 0 stands for one that is free. `devices`: see monitor(). Throws InputError where the
  /// port is taken or may not be used.
  explicit GdbServer(std::uint16_t port, std::vector<RegisterMap> devices = {});
  ~GdbServer() override;
  GdbServer(const GdbServer&) = delete;
  GdbServer& operator=(const GdbServer&) = delete;

  std::uint16_t port() const { return port_; }

  Resume stopped(DebugTarget& target, const StopReason& reason) override;
  bool wants_stop() override;
  /// Tells the client, if there is one, that the program has ended with that exit code. The target may be gone.
  void exited(int code);

 private:
  using Clock = std::chrono::steady_clock;
  void accept(DebugTarget& target, const StopReason& reason);
  bool receive();
  void send(const std::string& bytes);
  void hang_up();
  void close_client();

  const std::vector<RegisterMap> devices_;
  std::uint16_t port_ = 0;
  int listener_ = -1, client_ = -1;  ///< file descriptors; -1: none
  std::optional<GdbSession> session_;
  Clock::time_point next_look_;
};

}  // namespace flexcim::debug
