// The files of a waveform: which signals they have, a dump and a GTKWave savefile beside it.
#pragma once

#include "rtl_models/trace/change_log.h"
#include "rtl_models/trace/gtkwave_savefile.h"
#include "rtl_models/trace/trace_options.h"
#include "rtl_models/trace/trace_record.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

/// Signals are declared before the simulation starts. Their values come in two ways, into one dump: clocked ones as
/// records of cycles (Cycles), others as changes (ChangeLog).
class TraceFile {
 public:
  /// Files BASE.vcd (or BASE.fst) and BASE.gtkw; an empty base for one that will not be written. Throws InputError
  /// naming a file whose folder cannot be written, or if an FST is wanted and vcd2fst is not installed.
  TraceFile(const std::string& base, TraceOptions options);

  /// A signal's place and looks. `scope`: module names joined by dots. `standard`: in the standard selection.
  struct Label {
    std::string scope, name, group;
    int width = 1;
    Radix radix = Radix::bit;
    bool standard = true;
  };
  /// Whether the options name it, or where they name none, whether it is standard.
  bool wanted(const Label& label);
  /// The number of its variable.
  int declare(const Label& label, VcdVariable::Type type);
  /// Elements of a bus, NAME_00, NAME_01, ..., that are wanted: from the first to the one behind the last.
  struct Selection {
    int first = 0, end = 0;
    std::vector<int> variables;  ///< -1: not wanted
  };
  /// `standard`: that many of the first elements are standard.
  Selection select(const Label& label, int elements, int standard);
  /// To be called when all signals have been declared. Throws InputError with a line for each glob that has matched
  /// none: its place, and some signals that there are.
  void require_matches() const;

  const TraceOptions& options() const { return options_; }
  /// For a TraceSpool of its signals.
  std::string target() const { return base_ + ".vcd"; }
  /// Signals that are not clocked: of changes(), which is told of them; ChangeLog::none for one that is not wanted.
  ChangeLog::Signal add_number(const Label& label, std::int64_t first);
  ChangeLog::Signal add_real(const Label& label, double first);
  ChangeLog::Signal add_text(const Label& label, const char* first);
  ChangeLog::Signal add_level(const Label& label);
  ChangeLog::Signal add_states(const Label& label, std::vector<const char*> names);
  ChangeLog& changes() { return changes_; }
  const ChangeLog& changes() const { return changes_; }

  /// GTKWave's view opens at `begin_ps` and shows `span_ps`; the first call is the one that counts. Without: at the
  /// first change, and so much that values can still be read.
  void open_at(std::uint64_t begin_ps, std::uint64_t span_ps);

  /// Signals of another dump, which somebody else writes meanwhile.
  struct Beside {
    std::string vcd;                   ///< its file, timescale 1 ps; there is none where nothing has been recorded
    std::string scope;                 ///< in place of its outermost one: a module beside "top"
    std::function<void(bool)> record;  ///< switches it
    std::function<void()> complete;    ///< called before the file is read
  };
  /// write() puts them into the same dump and removes the file.
  void put_beside(Beside dump) { beside_.push_back(std::move(dump)); }
  /// Shows a signal of such a dump, or another one a second time, in a group in front of all others.
  void show_first(const SavefileSignal& signal) { shown_first_.push_back(signal); }
  /// Whether what has been put beside is recorded from now on; it is from the start.
  void record_beside(bool on);
  /// Removes what has been put beside, where write() will not be called.
  void discard_beside();

  /// Clocked signals.
  struct Cycles {
    TraceSpool::View records{nullptr, nullptr};
    std::vector<TracePort> ports;
    int clock = 0;  ///< its variable
    std::uint64_t half_period = 0;
  };
  /// Writes the files; null for no clocked signals. Nothing is written if it is never called. Returns what has come of
  /// changes(). Throws std::system_error naming a file that could not be written.
  ChangeReplay::Written write(const Cycles* cycles);

 private:
  struct Glob {
    SignalGlob given;
    std::string pattern;
    bool matched = false;
  };
  /// What GTKWave shows at first.
  struct View {
    std::uint64_t begin, span;
  };

  const std::string base_;
  const TraceOptions options_;
  std::vector<Glob> globs_;
  std::vector<std::string> names_;  ///< of all signals that globs were asked about
  std::vector<SavefileSignal> shown_, shown_first_;
  std::vector<Beside> beside_;
  std::vector<VcdVariable> variables_;  ///< of shown_
  ChangeLog changes_;
  std::optional<View> view_;
};

}  // namespace flexcim
