// Images of the whole process from which some simulated time can be simulated again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace flexcim {

/// Every checkpoint is a child process that sleeps, copy-on-write, until it is asked for or no longer needed. The two
/// newest are kept. A child has the threads of the caller alone; where something else is waited for there, restore()
/// gives up.
class Checkpoints {
 public:
  Checkpoints() = default;
  /// Ends all.
  ~Checkpoints();
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  /// Takes one at this simulated time (ps). Nothing in the process it is called in; in one that is restored later it
  /// returns what restore() was given. Where the system gives no process there is no checkpoint.
  std::optional<std::uint64_t> take(std::uint64_t now_ps);
  /// Wakes the newest checkpoint not after `wanted_ps`, or the oldest, hands it `wanted_ps`, and waits until it ends.
  /// Whether it has ended well, by leave(), in time.
  bool restore(std::uint64_t wanted_ps);
  /// In a restored process: ends it.
  [[noreturn]] static void leave(bool good);

 private:
  struct Child {
    pid_t process = 0;
    int order = -1;  ///< pipe to it
    std::uint64_t ps = 0;
  };
  static void end(const Child& child);

  std::vector<Child> children_;
};

}  // namespace flexcim
