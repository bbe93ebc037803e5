// Signals whose changes are told with their times in any order, and written in the order of time.
#pragma once

#include "rtl_models/trace/trace_spool.h"
#include "rtl_models/trace/vcd_writer.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// For models that know what happens before simulated time has come to it, or only afterwards. Changes outside of the
/// window of time cost nothing but that signals have their value when it begins. The rest waits as a TraceSpool does:
/// memory does not grow with the number of changes.
class ChangeLog {
 public:
  /// A signal of the log; none for one that is not recorded, of which everything may be told.
  using Signal = std::uint32_t;
  static constexpr Signal none = ~Signal{0};

  /// `target`: as of TraceSpool. Changes in [from_ps, to_ps] are kept.
  ChangeLog(const std::string& target, std::uint64_t from_ps, std::uint64_t to_ps);

  /// A value that stays until the next one: of two at the same time the one that is told last. `variable`: of the
  /// VcdWriter. A text lives as long as the log.
  Signal add_number(int variable, std::int64_t first);
  Signal add_real(int variable, double first);
  Signal add_text(int variable, const char* first);
  /// A number that changes by what is told; 0 at first.
  Signal add_level(int variable);
  /// States that overlap: the value is the name of the first one that holds, and the last name where none does.
  Signal add_states(int variable, std::vector<const char*> names);

  void set(Signal signal, std::int64_t ps, std::int64_t number) { tell(signal, ps, 0, bits(number)); }
  void set(Signal signal, std::int64_t ps, double real) { tell(signal, ps, 0, bits(real)); }
  void set(Signal signal, std::int64_t ps, const char* text) { tell(signal, ps, 0, bits(text)); }
  void change(Signal signal, std::int64_t ps, std::int64_t by) { tell(signal, ps, 0, bits(by)); }
  /// A level is higher by `by` in [begin_ps, end_ps).
  void raise(Signal signal, std::int64_t begin_ps, std::int64_t end_ps, std::int64_t by = 1);
  /// `state`, an index of names, begins to hold at `ps`, or ends.
  void enter(Signal signal, std::int64_t ps, std::size_t state) { tell(signal, ps, state, bits(std::int64_t{1})); }
  void leave(Signal signal, std::int64_t ps, std::size_t state) { tell(signal, ps, state, bits(std::int64_t{-1})); }
  void hold(Signal signal, std::int64_t begin_ps, std::int64_t end_ps, std::size_t state);
  /// What has been told of `signal` so far holds until `ps` only: a level is 0 then, no state holds, and nothing that
  /// was to happen later will.
  void cut(Signal signal, std::int64_t ps);

  /// From `ps` on changes are not written, or again, and then what holds; `ps` does not decrease. On from the start.
  void record(bool on, std::int64_t ps);

  /// Whether nothing in the window has been told.
  bool empty() const { return told_ == 0; }
  /// Throws std::system_error if something could not be kept.
  void require_kept() const;

 private:
  friend class ChangeReplay;
  enum class Kind : std::uint8_t { value, level, states };
  /// A change as it waits. Bits of a value are those of a number, a real, or the address of a text.
  struct Record {
    std::int64_t ps;
    std::uint64_t order;  ///< of telling
    std::uint16_t signal;
    std::uint16_t state;
    std::uint32_t generation;  ///< cuts of the signal before it
    std::uint64_t bits;

    bool operator<(const Record& other) const { return ps != other.ps ? ps < other.ps : order < other.order; }
  };
  static constexpr std::uint16_t kCut = 0xFFFF;  ///< as a state
  /// What a signal is at a time, from the records up to it.
  struct State {
    Kind kind;
    VcdVariable::Type type;
    int variable;
    std::vector<const char*> names;
    std::uint64_t bits;  ///< of a value
    std::int64_t set_ps = 0;
    /// Sums by generation, those of a level in one element: what a cut has not ended.
    struct Sums {
      std::uint32_t generation;
      std::vector<std::int64_t> counts;
    };
    std::vector<Sums> sums = {};
    std::uint32_t generation = 0;  ///< older ones are over

    void apply(const Record& record);
    std::uint64_t value() const;
  };

  template <class Value>
  static std::uint64_t bits(Value value) {
    static_assert(sizeof value == sizeof(std::uint64_t));
    std::uint64_t bits;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  }
  Signal add(State state);
  void tell(Signal signal, std::int64_t ps, std::size_t state, std::uint64_t bits);
  void write_block();

  const std::int64_t from_ps_, to_ps_;
  const std::string target_;
  std::unique_ptr<TraceSpool> spool_;  ///< once a block is full
  std::vector<Record> block_;          ///< not yet sorted
  std::uint64_t blocks_ = 0;           ///< full ones, each sorted, in the spool
  std::uint64_t told_ = 0;             ///< records
  std::vector<State> states_;          ///< as the window begins
  std::vector<std::uint32_t> generations_;
  std::vector<std::int64_t> switches_;  ///< when recording has ended, gone on, ended, ...
};

/// Writes a log, which gets no further changes, in the order of time. Once per log.
class ChangeReplay {
 public:
  ChangeReplay(ChangeLog& log, VcdWriter& vcd);

  /// Every change up to `ps`, and at first the values with which the window begins.
  void write_until(std::int64_t ps);
  void write_all();

  /// Values written after the first ones, and when the first and the last of them changed; 0 where there are none.
  struct Written {
    std::uint64_t changes = 0, first_ps = 0, last_ps = 0;
  };
  const Written& written() const { return written_; }

 private:
  struct Cursor {
    const ChangeLog::Record *at, *end;
  };
  void switch_until(std::int64_t ps);
  void write_touched(std::int64_t ps);
  static bool later(const Cursor& a, const Cursor& b) { return *b.at < *a.at; }
  void write(ChangeLog::Signal signal);

  VcdWriter& vcd_;
  const std::int64_t from_ps_;
  std::vector<ChangeLog::State> states_;
  std::vector<std::uint64_t> values_;  ///< written last
  std::vector<Cursor> cursors_;        ///< a heap: the one whose record comes next is in front
  std::vector<ChangeLog::Signal> touched_;
  std::vector<bool> is_touched_;
  const std::vector<std::int64_t>& switches_;
  std::size_t switched_ = 0;  ///< of them
  bool begun_ = false;
  Written written_;
};

}  // namespace flexcim
