// Interrupts from the rise of their line to the end of their handler.
#pragma once

#include "flow/base/cycle.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// One interrupt that has been served.
struct ServedInterrupt {
  std::size_t source = 0;    ///< place in InterruptLog::sources()
  Picoseconds raised = 0;    ///< its line rose; or, where it was high since the one before, that one was served
  Picoseconds entered = 0;   ///< the handler's first instruction begins
  Picoseconds returned = 0;  ///< mret has gone back
  bool polled = false;       ///< without handler: `entered` is its claim, `returned` its completion
};

/// What has been seen of a source.
struct InterruptSource {
  std::string name;
  std::uint64_t count = 0;  ///< served ones; figures below are 0 without
  Picoseconds least = 0;    ///< from `raised` to `entered`
  Picoseconds most = 0;
  Picoseconds sum = 0;
};

/// Told of lines, traps and accesses to the interrupt controller, in the order in which they happen. An external
/// interrupt is that of the source which is claimed in its handler; without a claim it is "external". Every claim is
/// one interrupt.
class InterruptLog {
 public:
  using Sink = std::function<void(const ServedInterrupt&)>;
  /// `sink` hears of each one when it has been served.
  explicit InterruptLog(Sink sink);

  /// A name of InterruptLine (platform/soc/soc.h).
  void line(const std::string& source, bool level, Picoseconds at);
  /// An exception or an interrupt, `cause` as in mcause.
  void trapped(std::uint32_t cause, Picoseconds at);
  void returned(Picoseconds at);
  /// The interrupt controller has answered a claim with that id, or was told that it is complete.
  void claimed(std::uint32_t id, Picoseconds at);
  void completed(std::uint32_t id, Picoseconds at);

  const std::vector<InterruptSource>& sources() const { return sources_; }

 private:
  struct Line {
    std::optional<Picoseconds> rose;
    std::optional<Picoseconds> entered;  ///< the last one that was served
    Picoseconds served = 0;              ///< and its completion or its handler's end, from which on the next one waits
    Picoseconds raised(Picoseconds at) const;
  };
  struct Handler {
    std::uint32_t cause;
    Picoseconds entered;
    std::vector<ServedInterrupt> interrupts;
  };
  static constexpr std::size_t kDeepest = 256;

  std::size_t source(const std::string& name);
  ServedInterrupt enter(std::size_t source, Picoseconds at);
  void serve(ServedInterrupt interrupt, Picoseconds at);

  const Sink sink_;
  std::vector<InterruptSource> sources_;
  std::vector<Line> lines_;  ///< by source
  std::vector<Handler> handlers_;
  std::vector<ServedInterrupt> polled_;  ///< claimed and not complete
};

}  // namespace flexcim
