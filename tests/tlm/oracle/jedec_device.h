// What JEDEC's standards ask of a stream of DRAM commands, as others have published it: nothing here is computed by, or
// read from, the model.
#pragma once

#include "tlm/timing/dram_timing.h"

#include <string>
#include <vector>

namespace flexcim::oracle {

/// Set of kinds of commands.
using Kinds = unsigned;
constexpr Kinds bit(DramCommand::Kind kind) { return 1u << static_cast<unsigned>(kind); }
constexpr Kinds kAct = bit(DramCommand::Kind::activate);
constexpr Kinds kRd = bit(DramCommand::Kind::read);
constexpr Kinds kWr = bit(DramCommand::Kind::write);
constexpr Kinds kPre = bit(DramCommand::Kind::precharge);
constexpr Kinds kPreAll = bit(DramCommand::Kind::precharge_all);
constexpr Kinds kRef = bit(DramCommand::Kind::refresh_all);

/// Where the earlier command counts: in the same bank, in the same bank group, anywhere in the channel. A command for
/// all banks counts everywhere.
enum class Scope { bank, group, channel };

/// A command of `to` comes at least `clocks` after the `window`-th last one of `from`. Times of commands of several
/// clocks are those of their last edge, as in JEDEC's tables.
struct JedecRule {
  const char* name;  ///< JEDEC's, without the t
  Kinds from, to;
  Scope scope;
  int clocks;
  int window = 1;
};

struct JedecDevice {
  const char* name;  ///< of the file in scenarios/dram/
  const char* source;
  int bank_groups, banks_per_group;
  std::vector<JedecRule> rules;
  int read_data, write_data;  ///< clocks from the command to its first beat
  int burst;                  ///< clocks on the data bus
  int burst_bytes;
  int clock_ps;
  int refresh_interval;
  int most_postponed = 8;  ///< refreshes
};

/// Of "lpddr4", "lpddr5", "ddr4", "hbm2".
const JedecDevice& jedec_device(const std::string& name);
const std::vector<JedecDevice>& jedec_devices();

}  // namespace flexcim::oracle
