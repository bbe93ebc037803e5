// Records signals cycle by cycle into a VCD, with a GTKWave savefile beside it.
#pragma once

#include "rtl_models/signals/probe.h"
#include "rtl_models/trace/trace_file.h"

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

  using Label = TraceFile::Label;
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

  /// For signals of others in the same dump, which are declared before the simulation starts.
  TraceFile& file() { return file_; }
  /// As TraceFile's.
  void require_matches() const { file_.require_matches(); }

  /// Whether cycles are recorded from now on; they are from the start.
  void record(bool on) { recording_ = on; }

  /// Cycles in the window of time that the options name, and when the first and the last of them began.
  struct Recorded {
    std::uint64_t cycles = 0, first_ps = 0, last_ps = 0;
  };
  const Recorded& recorded() const { return recorded_; }

  /// Throws std::system_error if what was recorded could not be kept (disk full): there will be no waveform.
  void require_kept() const;

  /// Writes the files, as TraceFile::write().
  ChangeReplay::Written close();

 private:
  void sample();
  void add_port(PortValue value, std::vector<int> variables, std::unique_ptr<Probe> probe);
  void end_of_elaboration() override;

  TraceFile file_;
  sc_core::sc_time half_period_;
  int clock_variable_;
  std::vector<TracePort> ports_;
  std::vector<std::unique_ptr<Probe>> probes_;  ///< of ports_
  std::unique_ptr<TraceSpool> spool_;
  Recorded recorded_;
  bool recording_ = true;
  std::function<bool()> begins_;
  bool opens_ = false;
};

template <class Read>
void Waveform::add(const Label& label, Read read) {
  using Value = std::decay_t<decltype(read())>;
  using Type = VcdVariable::Type;
  if (!file_.wanted(label)) return;
  if constexpr (std::is_integral_v<Value>) {
    const auto wide = [read = std::move(read)] { return static_cast<std::int64_t>(read()); };
    add_port(PortValue::number, {file_.declare(label, Type::wire)},
             std::make_unique<ValueProbe<std::int64_t, decltype(wide)>>(wide));
  } else {
    constexpr bool kText = std::is_same_v<Value, const char*>, kMask = std::is_same_v<Value, ColumnMask>;
    static_assert(kText || kMask || std::is_same_v<Value, double>);
    add_port(kText   ? PortValue::text
             : kMask ? PortValue::mask
                     : PortValue::real,
             {file_.declare(label, kText   ? Type::text
                                   : kMask ? Type::wire
                                           : Type::real)},
             std::make_unique<ValueProbe<Value, Read>>(std::move(read)));
  }
}

template <class Element, class Read>
bool Waveform::add_bus(const Label& label, int elements, int standard, Read read) {
  static_assert(std::is_same_v<Element, std::int8_t> || std::is_same_v<Element, std::int32_t>);
  TraceFile::Selection selection = file_.select(label, elements, standard);
  if (selection.variables.empty()) return false;
  add_port(sizeof(Element) == 1 ? PortValue::int8s : PortValue::int32s, std::move(selection.variables),
           std::make_unique<BusProbe<Element, Read>>(selection.first, selection.end, std::move(read)));
  return true;
}

}  // namespace flexcim
