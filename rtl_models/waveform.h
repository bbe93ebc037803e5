// Records signals cycle by cycle into a VCD, with a GTKWave savefile beside it.
#pragma once

#include "rtl_models/gtkwave_savefile.h"
#include "rtl_models/trace_options.h"
#include "rtl_models/vcd_writer.h"

#include <systemc>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Samples at the falling edge, when all signals of the cycle have settled, and dates the values to the cycle's rising
/// edge. Signals are added before the simulation starts; those that the options do not name cost nothing.
class Waveform : public sc_core::sc_module {
 public:
  sc_core::sc_in<bool> clock{"clock"};

  /// Files BASE.vcd and BASE.gtkw. Throws InputError naming a file that cannot be created, or if an FST is wanted and
  /// vcd2fst is not installed.
  Waveform(const sc_core::sc_module_name& name, const std::string& base, TraceOptions options,
           sc_core::sc_time clock_period);

  /// A signal's place and looks. `scope`: module names joined by dots. `standard`: in the standard selection.
  struct Label {
    std::string scope, name, group;
    int width = 1;
    Radix radix = Radix::bit;
    bool standard = true;
  };
  void add_number(const Label& label, std::function<std::int64_t()> read);
  void add_text(const Label& label, std::function<const char*()> read);
  void add_mask(const Label& label, std::function<ColumnMask()> read);
  void add_real(const Label& label, std::function<double()> read);

  /// Elements of a packed bus, NAME_00, NAME_01, ...: `read` fills one number per element and returns true, or returns
  /// false if nothing has changed since it was last called. `standard`: that many of the first elements are standard.
  /// Returns whether any element is recorded.
  bool add_bus(const Label& label, int elements, int standard, std::function<bool(std::int64_t*)> read);

  /// To be called when all signals have been added. Throws InputError that names every glob that has matched none of
  /// them, each on a line with its place and some signals that there are.
  void require_matches() const;

  /// Writes what is left and the savefile. Throws InputError naming a file that could not be written.
  void close();

 private:
  struct Glob {
    SignalGlob given;
    std::string pattern;
    bool matched = false;
  };
  struct Scalar {
    int variable;
    std::int64_t last;
    std::function<std::int64_t()> read;
  };
  struct Text {
    int variable;
    std::string last;
    std::function<const char*()> read;
  };
  struct Mask {
    int variable;
    ColumnMask last;
    std::function<ColumnMask()> read;
  };
  struct Real {
    int variable;
    double last;
    std::function<double()> read;
  };
  struct Bus {
    std::vector<int> variables;  ///< per element, -1 where not recorded
    std::vector<std::int64_t> last, present;
    std::function<bool(std::int64_t*)> read;
  };

  template <class Value>
  void change(int variable, const Value& value);
  void sample();
  void sample_buses();
  bool wanted(const Label& label);
  int declare(const Label& label, VcdWriter::Type type);

  std::string base_;
  TraceOptions options_;
  std::vector<Glob> globs_;
  std::vector<std::string> names_;  ///< of all signals that globs were asked about
  sc_core::sc_time half_period_;
  std::vector<SavefileSignal> shown_;  ///< declare() fills it, also for the clock
  VcdWriter vcd_;
  int clock_variable_;
  std::vector<Scalar> scalars_;
  std::vector<Text> texts_;
  std::vector<Mask> masks_;
  std::vector<Real> reals_;
  std::vector<Bus> buses_;
  bool first_ = true;
  std::uint64_t rise_ = 0;              ///< of the present cycle, ps
  std::optional<std::uint64_t> begin_;  ///< when the first signal changed: there the viewer opens
  std::uint64_t end_ = 0;
};

}  // namespace flexcim
