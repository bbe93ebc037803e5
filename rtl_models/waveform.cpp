#include "rtl_models/waveform.h"

#include "flow/error.h"
#include "rtl_models/fst.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fnmatch.h>
#include <regex>
#include <set>

namespace flexcim {
namespace {

constexpr int kOpenGroups = 3;              // clock, control, the first sub-macro
constexpr std::uint64_t kShownCycles = 80;  ///< at which values can still be read

/// Before any file is made.
TraceOptions checked(TraceOptions options) {
  if (options.fst) require_vcd2fst();
  return options;
}

/// "sub[0]" is the same as "sub_0", "sub[*]" as "sub_*": brackets would read as bit ranges in a waveform viewer.
std::string normalized(const std::string& glob) {
  static const std::regex index("\\[([0-9*?]+)\\]");
  return std::regex_replace(glob, index, "_$1");
}

std::string element_name(const std::string& name, int element, int elements) {
  std::string digits = std::to_string(element);
  const std::size_t length = std::to_string(elements - 1).size();
  while (digits.size() < length) digits.insert(0, "0");
  return name + "_" + digits;
}

std::size_t common_prefix(const std::string& a, const std::string& b) {
  return std::mismatch(a.begin(), a.begin() + std::min(a.size(), b.size()), b.begin()).first - a.begin();
}

/// Those that begin most like `pattern`, one of each bus.
std::string some_like(const std::string& pattern, std::vector<std::string> names) {
  constexpr std::size_t kCount = 6;
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return common_prefix(a, pattern) > common_prefix(b, pattern);
  });
  std::set<std::string> buses;
  std::string list;
  for (const std::string& name : names) {
    if (buses.size() == kCount) break;
    if (!buses.insert(name.substr(0, name.find_last_not_of("0123456789") + 1)).second) continue;
    list += (list.empty() ? "" : ", ") + name;
  }
  return list;
}

}  // namespace

Waveform::Waveform(const sc_core::sc_module_name& name, const std::string& base, TraceOptions options,
                   sc_core::sc_time clock_period)
    : sc_module(name),
      base_(base),
      options_(checked(std::move(options))),
      half_period_(clock_period / 2),
      vcd_(base + ".vcd"),
      clock_variable_(declare({"", "clock", "Clock", 1, Radix::bit, true}, VcdWriter::Type::wire)) {
  for (const SignalGlob& glob : options_.signals) globs_.push_back({glob, normalized(glob.text)});
  SC_HAS_PROCESS(Waveform);
  SC_METHOD(sample);
  sensitive << clock.neg();
  dont_initialize();
}

bool Waveform::wanted(const Label& label) {
  if (globs_.empty()) return label.standard;
  names_.push_back(label.scope + "." + label.name);
  bool any = false;
  for (Glob& glob : globs_) {
    if (fnmatch(glob.pattern.c_str(), names_.back().c_str(), 0) != 0) continue;
    glob.matched = true;
    any = true;
  }
  return any;
}

void Waveform::require_matches() const {
  std::string text;
  for (const Glob& glob : globs_) {
    if (glob.matched) continue;
    text += (text.empty() ? "" : "\n") + glob.given.place + (glob.given.place.empty() ? "" : ": ") +
            "no signal matches \"" + glob.given.text + "\"; there are " + some_like(glob.pattern, names_) +
            " and others";
  }
  if (!text.empty()) throw InputError(text);
}

int Waveform::declare(const Label& label, VcdWriter::Type type) {
  const std::string scope = label.scope.empty() ? "top" : "top." + label.scope;
  shown_.push_back(
      {label.group, scope + "." + label.name, type == VcdWriter::Type::wire ? label.width : 1, label.radix});
  return vcd_.declare(scope, label.name, type, label.width);
}

void Waveform::add_number(const Label& label, std::function<std::int64_t()> read) {
  if (wanted(label)) scalars_.push_back({declare(label, VcdWriter::Type::wire), 0, std::move(read)});
}

void Waveform::add_text(const Label& label, std::function<const char*()> read) {
  if (wanted(label)) texts_.push_back({declare(label, VcdWriter::Type::text), "", std::move(read)});
}

void Waveform::add_mask(const Label& label, std::function<ColumnMask()> read) {
  if (wanted(label)) masks_.push_back({declare(label, VcdWriter::Type::wire), {}, std::move(read)});
}

void Waveform::add_real(const Label& label, std::function<double()> read) {
  if (wanted(label)) reals_.push_back({declare(label, VcdWriter::Type::real), 0, std::move(read)});
}

bool Waveform::add_bus(const Label& label, int elements, int standard, std::function<bool(std::int64_t*)> read) {
  Bus bus;
  bool any = false;
  for (int i = 0; i < elements; ++i) {
    Label element = label;
    element.name = element_name(label.name, i, elements);
    element.standard = i < standard;
    const bool recorded = wanted(element);
    any = any || recorded;
    bus.variables.push_back(recorded ? declare(element, VcdWriter::Type::wire) : -1);
  }
  if (!any) return false;
  bus.last.resize(elements);
  bus.present.resize(elements);
  bus.read = std::move(read);
  buses_.push_back(std::move(bus));
  return true;
}

template <class Value>
void Waveform::change(int variable, const Value& value) {
  if (!first_ && !begin_) begin_ = rise_;
  vcd_.change(variable, value);
}

void Waveform::sample() {
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  const std::uint64_t per_ps = sc_core::sc_time(1, sc_core::SC_PS).value();
  const std::uint64_t rise = (now - half_period_.value()) / per_ps;
  if (rise < options_.from_ps || rise > options_.to_ps) return;
  rise_ = rise;
  vcd_.time(rise);
  vcd_.change(clock_variable_, std::int64_t{1});
  for (Scalar& each : scalars_) {
    const std::int64_t value = each.read();
    if (value == each.last && !first_) continue;
    each.last = value;
    change(each.variable, value);
  }
  for (Text& each : texts_) {
    const char* value = each.read();
    if (each.last == value && !first_) continue;
    each.last = value;
    change(each.variable, value);
  }
  for (Mask& each : masks_) {
    const ColumnMask value = each.read();
    if (value == each.last && !first_) continue;
    each.last = value;
    change(each.variable, value);
  }
  for (Real& each : reals_) {
    const double value = each.read();
    if (value == each.last && !first_) continue;
    each.last = value;
    change(each.variable, value);
  }
  sample_buses();
  first_ = false;
  end_ = now / per_ps;
  vcd_.time(end_);
  vcd_.change(clock_variable_, std::int64_t{0});
}

void Waveform::sample_buses() {
  for (Bus& bus : buses_) {
    if (!bus.read(bus.present.data()) && !first_) continue;
    for (std::size_t i = 0; i < bus.variables.size(); ++i) {
      if (bus.variables[i] < 0 || (bus.present[i] == bus.last[i] && !first_)) continue;
      bus.last[i] = bus.present[i];
      change(bus.variables[i], bus.present[i]);
    }
  }
}

void Waveform::close() {
  vcd_.close();
  const std::uint64_t period = 2 * half_period_.value() / sc_core::sc_time(1, sc_core::SC_PS).value();
  const std::uint64_t begin = begin_.value_or(0);
  if (options_.fst) convert_to_fst(base_ + ".vcd", base_ + ".fst");
  const std::string dump = std::filesystem::path(base_).filename().string() + (options_.fst ? ".fst" : ".vcd");
  write_savefile(base_ + ".gtkw", dump, shown_, begin, std::min(end_ - begin, kShownCycles * period), kOpenGroups);
}

}  // namespace flexcim
