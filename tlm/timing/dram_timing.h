// Bank-level DRAM timing in closed form: computed once per run of bursts in a DRAM row, without an event per cycle.
#pragma once

#include "flow/base/cycle.h"
#include "flow/base/divisor.h"
#include "flow/base/statistic.h"
#include "tlm/timing/burst_path.h"
#include "tlm/timing/fan_out.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

constexpr int kMostBankGroups = 16;
constexpr int kMostDramChannels = 32;

/// A DRAM device type and how many channels of it there are. Times are in clocks (nCK) unless the name says otherwise;
/// the names are JEDEC's without the t. Devices with their sources: scenarios/dram/.
struct DramParameters {
  std::string name;
  int channels = 1;
  int interleave_bytes = 256;  ///< neighbouring channels hold neighbouring pieces of this size
  int clock_ps = 0;            ///< tCK
  int bus_bytes = 0;           ///< data bus of one channel
  int burst_length = 0;        ///< beats of a burst
  int burst_clocks = 0;        ///< clocks for which a burst occupies the data bus
  int bank_groups = 1;
  int banks_per_group = 1;
  int row_bytes = 0;  ///< of one bank of one channel
  int rcd_read = 0, rcd_write = 0, rp = 0, rp_all = 0, ras = 0;
  int rl = 0, wl = 0, wr = 0, rtp = 0;
  int ccd_s = 0, ccd_l = 0, rrd_s = 0, rrd_l = 0, faw = 0, wtr_s = 0, wtr_l = 0, rtw = 0;
  int rfc = 0, refi = 0;

  int burst_bytes() const { return bus_bytes * burst_length; }
  /// Bytes per second over all channels while no command but column commands is needed.
  double peak_bytes_per_second() const;
  /// Throws InputError naming the parameter.
  void validate() const;
};

/// One number of a device.
struct DramField {
  const char* name;  ///< as in DramParameters
  int DramParameters::*value;
  int low, high;  ///< smallest and largest
  const char* unit;
  const char* meaning;
};
/// What a device is made of: all of DramParameters but name, channels and interleaving.
const std::vector<DramField>& dram_fields();

struct DramEvents {
  std::uint64_t activates = 0;  ///< and, sooner or later, a precharge for each
  std::uint64_t row_hits = 0;   ///< banks found open at the right row, per run of bursts
  std::uint64_t read_bursts = 0;
  std::uint64_t write_bursts = 0;
  std::uint64_t refreshes = 0;  ///< all-bank, per channel
};

template <>
struct StatisticList<DramEvents> {
  static constexpr auto list = statistics<DramEvents>({
      {"activates", "events", "rows opened", count<&DramEvents::activates>},
      {"row_hits", "events", "banks found open at the right row", count<&DramEvents::row_hits>},
      {"read_bursts", "bursts", "read", count<&DramEvents::read_bursts>},
      {"write_bursts", "bursts", "written", count<&DramEvents::write_bursts>},
      {"refreshes", "events", "all-bank refreshes", count<&DramEvents::refreshes>},
  });
};

/// Hears of every access, in order of arrival: its interval of simulated time and what it adds to the counts; and what
/// becomes of the banks.
class DramListener {
 public:
  virtual ~DramListener() = default;
  /// `start_ps`: arrival; `end_ps`: the last beat has been transferred.
  virtual void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) = 0;
  /// A bank of a channel opens `row` at `at_ps`; one with another row open (`closes`) is precharged RP before, at the
  /// latest. Of one bank in order. `bank`: of the channel, group by group.
  virtual void on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) = 0;
  /// All banks of a channel are closed at `start_ps` and refreshed until `end_ps`. In order; told when the next access
  /// comes.
  virtual void on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) = 0;
  /// Accesses that arrive at `start_ps` or later and end at what it returns, at the latest, may be told as one, with
  /// the sum of their events. `start_ps` for none.
  virtual Picoseconds sums_until(Picoseconds start_ps) const { return start_ps; }
};

class DramFanOut : public FanOut<DramListener> {
 public:
  void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) override {
    for (DramListener* each : listeners_) each->on_access(start_ps, end_ps, events);
  }
  void on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) override {
    for (DramListener* each : listeners_) each->on_activate(channel, bank, row, closes, at_ps);
  }
  void on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) override {
    for (DramListener* each : listeners_) each->on_refresh(channel, start_ps, end_ps);
  }
  Picoseconds sums_until(Picoseconds start_ps) const override {
    return least([start_ps](const DramListener& each) { return each.sums_until(start_ps); });
  }
};

/// What goes over the command bus of a channel.
struct DramCommand {
  enum class Kind { activate, read, write, precharge, precharge_all, refresh_all };
  Kind kind;
  int bank_group;    ///< -1 where all banks are meant, as are `bank` and `row`
  int bank;          ///< of the group
  std::int64_t row;  ///< opened, read, written or closed
  std::int64_t clock;
};

/// Hears of every command.
class DramCommandListener {
 public:
  virtual ~DramCommandListener() = default;
  /// Those of one access in any order; none is earlier than the access before it arrived.
  virtual void on_command(int channel, const DramCommand& command) = 0;
};

/// One channel. It serves accesses in order and leaves rows open (open-page policy). All banks are refreshed every
/// REFI; a refresh that falls into a run of bursts waits for the end of the run. Commands keep every distance of the
/// device, but share the command bus without waiting for each other.
class DramChannel {
 public:
  explicit DramChannel(const DramParameters& parameters);

  /// Hears of activates and refreshes as those of channel `number`; null for none.
  void set_listener(DramListener* listener, int number) {
    listener_ = listener;
    number_ = number;
  }
  /// Hears of commands as those of channel `number`; null for none.
  void set_command_listener(DramCommandListener* listener, int number) {
    command_listener_ = listener;
    number_ = number;
  }

  /// Serves an access to [address, address + bytes) of the channel that arrives in clock `arrival`. Returns the clock
  /// in which the bus is free again behind the last beat. Address bits from the low end: byte in burst, bank group,
  /// column, bank, row. So a stream visits the bank groups in turn, and its bursts may follow each other after CCD_S.
  std::int64_t access(std::int64_t arrival, std::uint64_t address, std::uint64_t bytes, bool write, DramEvents& events);

  /// Serves accesses that continue the last one in the same direction: each has `bursts` bursts, the first begins with
  /// burst `burst` of the channel, and they arrive at `arrivals` (clocks). Stops after `most` accesses, or before the
  /// first one that would not end exactly one period after the one before it. Returns how many it has served. An access
  /// counts a row hit in every bank group; those that open a row are listed by opened().
  std::uint64_t serve_many(std::uint64_t burst, std::uint64_t bursts, std::uint64_t most, const Cadence& arrivals,
                           DramEvents& events);
  /// An access of the last serve_many(), counted from 0, and how many banks it has activated; with a listener only.
  struct Opened {
    std::uint64_t access;
    std::uint64_t activates;
  };
  const std::vector<Opened>& opened() const { return opened_; }

  /// `clocks` pass, at whose end all is as it is now but for the refreshes, which fell and will fall due when they
  /// would have.
  void skip(std::int64_t clocks);

 private:
  struct Bank {
    std::int64_t row = -1;  ///< open row, -1 when precharged
    std::int64_t activated;
    std::int64_t precharge_from;  ///< earliest precharge of the open row
    std::int64_t activate_from;   ///< earliest activate while precharged
  };
  /// The last column commands of a bank group. Those of the last run are not among them.
  struct Columns {
    std::int64_t read, write;
  };
  /// A row of one bank in every group.
  struct RowSet {
    std::uint64_t number = 0;
    std::int64_t row = 0;
    int bank = 0;  ///< in its group
  };
  /// A run of bursts in a row set.
  struct Run {
    RowSet row_set;
    std::uint64_t end = 0;     ///< first burst after it
    std::uint64_t bursts = 0;  ///< 0: none so far
    bool write = false;
    bool whole_rounds = false;  ///< of the bank groups
    std::int64_t arrival = 0;
    std::int64_t first = 0;  ///< its first column command
    /// If a run arrives this many clocks after this one and continues it in the open row, then its first column command
    /// comes this many clocks after this one's. 0: not known.
    std::int64_t period = 0;
  };
  /// The last activates of all banks.
  struct Activates {
    static constexpr std::size_t kBound = 4;  ///< at most this many in any window of FAW clocks
    std::array<std::int64_t, 64> clocks;      ///< in order
    std::size_t count;
    int group = -1;  ///< of the last

    std::int64_t bounding() const { return clocks[count - kBound]; }
    std::int64_t last() const { return clocks[count - 1]; }
    void add(int of_group, std::int64_t at) {
      clocks[count++] = at;
      group = of_group;
    }
    /// Makes room for `more`.
    void reserve(std::size_t more) {
      if (count + more <= clocks.size()) return;
      std::copy_n(&clocks[count - kBound], kBound, clocks.begin());
      count = kBound;
    }
  };
  void refresh(std::int64_t service, DramEvents& events);
  void tell_refresh(std::int64_t start, std::int64_t precharge) const;
  void tell_columns(const RowSet& row_set, std::uint64_t burst, std::int64_t first, std::uint64_t bursts,
                    bool write) const;
  void tell_runs(std::uint64_t count, std::int64_t period) const;
  RowSet row_set(std::uint64_t number) const;
  std::int64_t first_column(std::int64_t arrival, const RowSet& row_set, std::uint64_t first_burst,
                            std::uint64_t bursts, bool write, DramEvents& events);
  void close_last();
  bool open_next_row(std::int64_t arrival, std::int64_t first, DramEvents& events);
  std::int64_t activate_clock(const Bank& bank, int group, std::int64_t arrival) const;
  void open(Bank& bank, std::int64_t row, std::int64_t at) const;
  std::int64_t run(std::int64_t arrival, std::uint64_t row_set, std::uint64_t first_burst, std::uint64_t bursts,
                   bool write, DramEvents& events);
  int group_of(std::uint64_t burst) const { return static_cast<int>(groups_.remainder(burst)); }
  std::int64_t earliest_column(int group, bool write) const;
  std::int64_t earliest_in_group(int group, bool write) const;
  Bank& bank(int group, int index) { return banks_[group * p_.banks_per_group + index]; }

  const DramParameters& p_;
  const Divisor burst_bytes_;
  const Divisor row_set_bursts_;  ///< of one row in one bank of every group
  const Divisor groups_;
  const Divisor banks_per_group_;
  std::vector<Bank> banks_;
  std::array<Columns, kMostBankGroups> columns_;
  Activates activates_;
  std::int64_t last_column_;
  std::int64_t next_refresh_;
  std::int64_t skipped_refreshes_ = 0;  ///< that fell due before it and are over, but not counted yet
  std::vector<Opened> opened_;
  Run last_;  ///< its banks' precharge_from and its groups' columns are not up to date
  DramListener* listener_ = nullptr;
  DramCommandListener* command_listener_ = nullptr;
  int number_ = 0;
};

/// All channels.
class DramTiming {
 public:
  /// Throws InputError for parameters that are not possible.
  explicit DramTiming(DramParameters parameters);
  DramTiming(const DramTiming&) = delete;
  DramTiming& operator=(const DramTiming&) = delete;

  /// Serves [address, address + bytes), which arrives `now_ps` after the simulation's start (never decreasing). Returns
  /// the time at which the last beat of the last channel has been transferred.
  std::int64_t access(std::int64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write);

  /// As DramChannel::serve_many, for accesses of `bytes` from `address` on; 0 with several channels.
  std::uint64_t serve_many(std::uint64_t address, std::uint64_t bytes, std::uint64_t most, const Cadence& times_ps);

  /// As DramChannel::skip, for as many whole clocks as `ps` holds.
  void skip(Picoseconds ps);

  /// Latency of a lone access of one burst that finds its bank precharged, without changing any state.
  std::int64_t idle_latency_ps(bool write) const;

  /// Hears of every access; null for none.
  void set_listener(DramListener* listener);
  /// Hears of every command; null for none.
  void set_command_listener(DramCommandListener* listener);

  /// Whether accesses end in the order of their arrival, up to `outstanding` at a time, which a controller holds that
  /// has a queue for `queue_depth`: those of several channels overtake each other.
  bool answers_in_order(int outstanding, unsigned queue_depth) const {
    return parameters_.channels == 1 && outstanding <= static_cast<int>(queue_depth);
  }

  const DramParameters& parameters() const { return parameters_; }
  const DramEvents& events() const { return events_; }

 private:
  std::int64_t finish(std::int64_t now_ps, std::uint64_t address, std::uint64_t bytes, bool write);
  void tell_repeated(std::uint64_t bursts, std::uint64_t count, const Cadence& times_ps) const;

  DramParameters parameters_;
  const Divisor clock_ps_;
  const Divisor piece_, count_;  ///< bytes of a piece, channels
  std::vector<DramChannel> channels_;
  DramEvents events_;
  DramListener* listener_ = nullptr;
  Picoseconds last_end_ps_ = 0;  ///< of the last access
  bool last_write_ = false;
  Cadence arrivals_;  ///< of one call, in clocks
};

}  // namespace flexcim
