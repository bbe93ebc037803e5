// Records signals cycle by cycle into a VCD, with a GTKWave savefile beside it.
#pragma once

#include "rtl_models/signals/probe.h"
#include "rtl_models/trace/gtkwave_savefile.h"
#include "rtl_models/trace/trace_options.h"
#include "rtl_models/trace/trace_record.h"

#include <systemc>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace flexcim {

/// Samples at the falling edge, when all signals of the cycle have settled, and dates the values to the cycle's rising
/// edge. Signals are added before the simulation starts; those that the options do not name cost nothing. While it
/// runs, ports that have changed are only copied; close() makes the dump.
class Waveform : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};

  /// Files BASE.vcd and BASE.gtkw; an empty base for one that will not record. Throws InputError naming a file whose
  /// folder cannot be written, or if an FST is wanted and vcd2fst is not installed.
  Waveform(const sc_core::sc_module_name& name, const std::string& base, TraceOptions options,
           const sc_core::sc_time& clock_period);

  /// A signal's place and looks. `scope`: module names joined by dots. `standard`: in the standard selection.
  struct Label {
    std::string scope, name, group;
    int width = 1;
    Radix radix = Radix::bit;
    bool standard = true;
  };
  /// `read` returns the present value: a bool or whole number, the name of a state (a string that lives as long as the
  /// program), a ColumnMask or a double.
  template <class Read>
  void add(const Label& label, Read read);

  /// Elements of a packed bus, NAME_00, NAME_01, ...: `read` gives an optional Packed<Element>, nothing if it has not
  /// changed since the last call. `standard`: that many of the first elements are standard. Returns whether any
  /// element is recorded.
  template <class Element, class Read>
  bool add_bus(const Label& label, int elements, int standard, Read read);

  /// GTKWave's view opens at the first recorded cycle in which `begins` holds; where there is none, or without a call,
  /// at the first of all. To be called before the simulation starts.
  void open_at(std::function<bool()> begins) { begins_ = std::move(begins); }

  /// To be called when all signals have been added. Throws InputError with a line for each glob that has matched none:
  /// its place, and some signals that there are.
  void require_matches() const;

  /// Cycles in the window of time that the options name, and when the first and the last of them began.
  struct Recorded {
    std::uint64_t cycles = 0, first_ps = 0, last_ps = 0;
  };
  const Recorded& recorded() const { return recorded_; }

  /// Throws std::system_error if what was recorded could not be kept (disk full): there will be no waveform.
  void require_kept() const;

  /// Writes the dump and the savefile. Throws std::system_error naming a file that could not be written. Nothing is
  /// written if it is never called.
  void close();

 private:
  struct Glob {
    SignalGlob given;
    std::string pattern;
    bool matched = false;
  };
  /// Elements of a bus that are recorded, from the first to the one behind the last.
  struct Selection {
    int first = 0, end = 0;
    std::vector<int> variables;
  };

  void sample();
  bool wanted(const Label& label);
  int declare(const Label& label, VcdVariable::Type type);
  Selection select(const Label& label, int elements, int standard);
  void add_port(PortValue value, std::vector<int> variables, std::unique_ptr<Probe> probe);
  void end_of_elaboration() override;

  std::string base_;
  TraceOptions options_;
  std::vector<Glob> globs_;
  std::vector<std::string> names_;  ///< of all signals that globs were asked about
  sc_core::sc_time half_period_;
  std::vector<SavefileSignal> shown_;
  std::vector<VcdVariable> variables_;  ///< of shown_
  int clock_variable_;
  std::vector<TracePort> ports_;
  std::vector<std::unique_ptr<Probe>> probes_;  ///< of ports_
  std::unique_ptr<TraceSpool> spool_;
  Recorded recorded_;
  std::function<bool()> begins_;
  std::optional<std::uint64_t> opens_ps_;
};

template <class Read>
void Waveform::add(const Label& label, Read read) {
  using Value = std::decay_t<decltype(read())>;
  using Type = VcdVariable::Type;
  if (!wanted(label)) return;
  if constexpr (std::is_integral_v<Value>) {
    const auto wide = [read = std::move(read)] { return static_cast<std::int64_t>(read()); };
    add_port(PortValue::number, {declare(label, Type::wire)},
             std::make_unique<ValueProbe<std::int64_t, decltype(wide)>>(wide));
  } else {
    constexpr bool kText = std::is_same_v<Value, const char*>, kMask = std::is_same_v<Value, ColumnMask>;
    static_assert(kText || kMask || std::is_same_v<Value, double>);
    add_port(kText   ? PortValue::text
             : kMask ? PortValue::mask
                     : PortValue::real,
             {declare(label, kText   ? Type::text
                             : kMask ? Type::wire
                                     : Type::real)},
             std::make_unique<ValueProbe<Value, Read>>(std::move(read)));
  }
}

template <class Element, class Read>
bool Waveform::add_bus(const Label& label, int elements, int standard, Read read) {
  static_assert(std::is_same_v<Element, std::int8_t> || std::is_same_v<Element, std::int32_t>);
  Selection selection = select(label, elements, standard);
  if (selection.variables.empty()) return false;
  add_port(sizeof(Element) == 1 ? PortValue::int8s : PortValue::int32s, std::move(selection.variables),
           std::make_unique<BusProbe<Element, Read>>(selection.first, selection.end, std::move(read)));
  return true;
}

}  // namespace flexcim
