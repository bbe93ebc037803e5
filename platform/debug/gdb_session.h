// One debugger's visit: the commands of the GDB remote serial protocol (GDB manual, appendix E), as text.
#pragma once

#include "platform/debug/debug_target.h"
#include "platform/debug/packet.h"
#include "tlm/interface/register_map.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace flexcim::debug {

/// All-stop, one thread. What it does not know it answers with an empty packet, what it cannot do with E and an errno,
/// as the protocol says; whatever arrives, it keeps a bounded number of bytes.
class GdbSession {
 public:
  enum class State {
    stopped,   ///< the target stands still, and the client has the word
    running,   ///< the target is to go on, as resume() says, until stopped()
    detached,  ///< the client has gone on purpose: the target goes on
    killed,    ///< ... the target ends
    broken     ///< what has arrived is no protocol: nothing more is read
  };

  /// `target` has stopped for `reason` and outlives the session, as `devices` do; monitor() has them.
  GdbSession(DebugTarget& target, const std::vector<RegisterMap>& devices, const StopReason& reason);

  /// What the client has sent; returns what is to be sent to it.
  std::string receive(std::string_view bytes);
  /// While `running`: the target has stopped again. Returns what is to be sent.
  std::string stopped(const StopReason& reason);
  /// The target's program has ended.
  static std::string exited(int code);
  /// Takes away its break- and watchpoints and the time to stop at.
  void leave();

  State state() const { return state_; }
  Resume resume() const { return resume_; }
  /// Whether the client has asked for a stop since it let the target run.
  bool interrupted() const { return interrupted_; }
  /// Whether there was at least one packet: it is a debugger.
  bool spoken() const { return spoken_; }

 private:
  struct Point {
    char type;  ///< of its Z packet
    std::uint32_t address, bytes;
    bool operator<(const Point& o) const {
      return std::tie(type, address, bytes) < std::tie(o.type, o.address, o.bytes);
    }
  };
  std::string reply(std::string_view payload);
  std::string command(const std::string& payload);
  std::string stop_reply() const;
  std::string go(std::string_view rest, bool with_signal, bool step);
  std::string go(Resume resume, std::optional<unsigned> signal);
  std::string threads_go(std::string_view actions);
  std::string read_registers() const;
  std::string write_registers(std::string_view digits);
  std::string read_register(std::string_view number) const;
  std::string write_register(std::string_view assignment);
  std::string read_memory(std::string_view place) const;
  std::string write_memory(std::string_view text, bool binary);
  std::string point(std::string_view text, bool set);
  void set_point(Point point, bool set);
  std::string query(std::string_view text);
  std::string features(std::string_view text) const;
  std::string run_monitor(std::string_view digits);

  DebugTarget& target_;
  const std::vector<RegisterMap>& devices_;
  StopReason reason_;
  PacketReader reader_;
  State state_ = State::stopped;
  Resume resume_ = Resume::run;
  bool acknowledges_ = true, interrupted_ = false, spoken_ = false;
  std::string last_sent_;  ///< packets since the last one received, to be sent again if they have not arrived
  int refused_ = 0;        ///< how often they have not
  std::set<Point> points_;
  std::string description_;  ///< target.xml
};

}  // namespace flexcim::debug
