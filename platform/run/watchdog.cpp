#include "platform/run/watchdog.h"

#include "flow/base/unfinished.h"
#include "platform/host/host.h"
#include "platform/program/simulation_error.h"
#include "tlm/observe/protocol_checker.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>

namespace flexcim {
namespace {

/// Pauses the simulation when its wall time is over, or when somebody asks for its end. The kernel takes the request in
/// its next update phase, whatever the processes do. Where no thread is to be had it does not: expired() tells.
class WallClock : public sc_core::sc_prim_channel {
 public:
  explicit WallClock(double seconds)
      : sc_prim_channel("wall_clock"),
        end_time_(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))) {
    try {
      thread_ = std::thread([this] { watch(); });
    } catch (const std::system_error&) {
    }
  }
  ~WallClock() override {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ended_ = true;
    }
    end_.notify_one();
    thread_.join();
  }
  WallClock(const WallClock&) = delete;
  WallClock& operator=(const WallClock&) = delete;

  bool expired() const { return Clock::now() >= end_time_; }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kLook{20};

  void watch() {
    std::unique_lock<std::mutex> lock(mutex_);
    bool asked = false;
    while (!ended_ && !expired()) {
      end_.wait_until(lock, std::min(end_time_, Clock::now() + kLook));
      if (asked || EndRequest::signal() == 0) continue;
      asked = true;
      async_request_update();
    }
    if (!ended_) async_request_update();
  }
  void update() override { sc_core::sc_pause(); }

  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;
  const Clock::time_point end_time_;
  std::thread thread_;
};

/// While it lives, keeps what a process throws: the kernel makes a report of it, which has only its text.
class ThrownByProcess {
 public:
  ThrownByProcess() : before_(sc_core::sc_report_handler::set_handler(keep)) { exception_ = nullptr; }
  ~ThrownByProcess() { sc_core::sc_report_handler::set_handler(before_); }
  ThrownByProcess(const ThrownByProcess&) = delete;
  ThrownByProcess& operator=(const ThrownByProcess&) = delete;

  /// Throws it again: a mistake of the host's program as a SimulationError, others as they were. Returns where there
  /// is none: the report was made by a module or by the kernel.
  void rethrow() const {
    if (!exception_) return;
    try {
      std::rethrow_exception(exception_);
    } catch (const ProgramError& error) {
      throw SimulationError(error.what());
    }
  }

 private:
  static void keep(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
    if (std::strcmp(report.get_msg_type(), sc_core::SC_ID_SIMULATION_UNCAUGHT_EXCEPTION_) == 0) {
      exception_ = std::current_exception();
    }
    sc_core::sc_report_handler::default_handler(report, actions);
  }

  static inline std::exception_ptr exception_;
  sc_core::sc_report_handler_proc before_;
};

bool running() { return sc_core::sc_pending_activity() && sc_core::sc_get_status() != sc_core::SC_STOPPED; }

/// Ends what is under way where somebody has asked for it.
class EarlyEnd {
 public:
  explicit EarlyEnd(const std::vector<Simulation*>& simulations) : simulations_(simulations) {}

  bool due() const { return signal_ == 0 && EndRequest::signal() != 0; }
  void look() {
    if (!due()) return;
    signal_ = EndRequest::signal();
    if (simulations_.front()->complete_layers() == 0) end_by(signal_);
    for (Simulation* simulation : simulations_) simulation->cut_short();
  }
  int signal() const { return signal_; }

 private:
  const std::vector<Simulation*>& simulations_;
  int signal_ = 0;
};

/// Goes on to `time`, or to the last event before it if none is left then.
void run_to(const sc_core::sc_time& time, const WallClock& wall, const EarlyEnd& early) {
  sc_core::sc_start(time - sc_core::sc_time_stamp(), sc_core::SC_EXIT_ON_STARVATION);
  // The kernel has stopped at the last event before `time`.
  if (running() && !wall.expired() && !early.due() && sc_core::sc_time_stamp() < time) {
    sc_core::sc_start(time - sc_core::sc_time_stamp(), sc_core::SC_RUN_TO_TIME);
  }
}

/// Beyond all time for windows that end there.
sc_core::sc_time end_of(std::uint64_t k, const sc_core::sc_time& window) {
  const std::uint64_t latest = sc_core::sc_max_time().value();
  return k + 1 > latest / window.value() ? sc_core::sc_max_time()
                                         : sc_core::sc_time::from_value((k + 1) * window.value());
}

/// The first window after the k-th in which something is due.
std::uint64_t next_window(std::uint64_t k, const sc_core::sc_time& window) {
  if (!sc_core::sc_pending_activity()) return k + 1;
  const sc_core::sc_time next = sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
  return std::max<std::uint64_t>(k + 1, next.value() / window.value());
}

/// Who of the unfinished waits for what; empty if all have finished.
std::string unfinished(const std::vector<Simulation*>& simulations) {
  std::string text;
  for (const Simulation* simulation : simulations) {
    if (!simulation->ended()) text += "; " + simulation->waiting_for();
  }
  return text.empty() ? text : text.substr(2);
}

}  // namespace

int run_to_end(const std::vector<Simulation*>& simulations, const Limits& limits, const sc_core::sc_time& window,
               const std::function<void(std::uint64_t)>& at_window) {
  // A window in which nothing is due is no mistake: the next event may lie beyond it.
  sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
  // Firmware that ends the simulation is no news.
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  const EndRequest end_request;
  EarlyEnd early(simulations);
  const WallClock wall(limits.wall_s);
  const ThrownByProcess thrown;
  const sc_core::sc_time limit(limits.simulated_ms, sc_core::SC_MS);
  const auto now = [] { return sc_core::sc_time_stamp(); };
  try {
    std::uint64_t k = 0;
    do {
      run_to(std::min(end_of(k, window), limit), wall, early);
      if (early.due()) {
        early.look();
        if (running()) continue;  // the window goes on
      }
      at_window(k);
      k = next_window(k, window);
    } while (running() && now() < limit && !wall.expired());
  } catch (const sc_core::sc_report& report) {
    thrown.rethrow();
    if (std::strcmp(report.get_msg_type(), ProtocolChecker::message_type) == 0) {
      throw SimulationError(std::string("protocol violation: ") + report.get_msg());
    }
    throw;
  }
  const std::string waiting = unfinished(simulations);
  if (waiting.empty()) return early.signal();
  if (sc_core::sc_get_status() == sc_core::SC_STOPPED) {
    throw SimulationError(fmt::format("stopped at {}: {}", now().to_string(), waiting));
  }
  if (!sc_core::sc_pending_activity()) {
    throw SimulationError(fmt::format("nothing can happen any more at {}: {}", now().to_string(), waiting));
  }
  if (wall.expired()) {
    throw SimulationError(
        fmt::format("limits.wall_s: {} s are over at {}: {}", limits.wall_s, now().to_string(), waiting));
  }
  throw SimulationError(fmt::format("limits.simulated_ms: {} ms are over: {}", limits.simulated_ms, waiting));
}

}  // namespace flexcim
