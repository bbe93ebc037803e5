// Replays a trace of DRAM commands against every rule of a device.
#pragma once

#include "tests/tlm/oracle/jedec_device.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace flexcim::oracle {

/// The commands of one channel, one by one.
class JedecChecker {
 public:
  /// `device` outlives it.
  explicit JedecChecker(const JedecDevice& device);

  /// Names of the rules that `command`, not earlier than the one before, breaks; empty if none. Besides the device's:
  /// "state" (an activate of an open bank, a column command of a row that is not open, a refresh while a bank is open,
  /// a precharge of a closed one), "data bus" (a beat before the burst before it is over), "REFI" (more refreshes
  /// behind than may be postponed), "order" (it is earlier).
  std::vector<std::string> check(const DramCommand& command);

  /// The first clock in which `kind` to a bank breaks no rule of time of those before it.
  std::int64_t earliest(DramCommand::Kind kind, int bank_group, int bank) const;

  std::uint64_t commands() const { return commands_; }
  /// Commands in the clock of another one.
  std::uint64_t shared_clocks() const { return shared_clocks_; }
  /// The most that a refresh came behind its time, in clocks.
  std::int64_t latest_refresh() const { return latest_refresh_; }

 private:
  /// Clocks of the last commands of a kind, the newest in front.
  using Last = std::array<std::int64_t, 4>;
  static constexpr int kKinds = 6;
  struct Place {
    std::array<Last, kKinds> last;
  };

  std::int64_t allowed_from(const JedecRule& rule, int bank_group, int bank) const;
  void check_state(const DramCommand& command, std::vector<std::string>& broken);
  void check_data(const DramCommand& command, std::vector<std::string>& broken);
  void check_refreshes(const DramCommand& command, std::vector<std::string>& broken);
  void note(const DramCommand& command);
  std::size_t number(int bank_group, int bank) const {
    return static_cast<std::size_t>(bank_group * device_.banks_per_group + bank);
  }

  const JedecDevice& device_;
  std::vector<Place> banks_, groups_;
  Place channel_;
  std::vector<std::int64_t> open_rows_;  ///< -1: closed
  std::int64_t now_ = 0;
  std::int64_t data_until_ = 0;
  std::int64_t refreshes_ = 0;
  std::int64_t latest_refresh_ = 0;
  std::uint64_t commands_ = 0, shared_clocks_ = 0;
};

/// Hears of a model's commands, puts them in order of time and checks them, channel by channel.
class TraceChecker : public DramCommandListener {
 public:
  explicit TraceChecker(const JedecDevice& device, int channels = 1);

  void on_command(int channel, const DramCommand& command) override;
  /// No command before `clock` comes any more.
  void until(std::int64_t clock);
  /// None comes any more.
  void finish() { until(INT64_MAX); }

  /// Broken rules, and how often.
  const std::map<std::string, std::uint64_t>& violations() const { return violations_; }
  /// The first of them, in words; empty if there is none.
  const std::string& first() const { return first_; }
  std::uint64_t commands() const;
  std::uint64_t shared_clocks() const;
  std::int64_t latest_refresh() const;
  /// Of each kind.
  const std::array<std::uint64_t, 6>& kinds() const { return kinds_; }

 private:
  std::vector<JedecChecker> checkers_;
  std::vector<std::vector<DramCommand>> waiting_;
  std::map<std::string, std::uint64_t> violations_;
  std::string first_;
  std::array<std::uint64_t, 6> kinds_{};
};

}  // namespace flexcim::oracle
