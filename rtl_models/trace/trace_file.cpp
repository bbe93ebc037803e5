#include "rtl_models/trace/trace_file.h"

#include "flow/base/error.h"
#include "rtl_models/trace/fst.h"
#include "rtl_models/trace/merge_vcd.h"

#include <algorithm>
#include <filesystem>
#include <fnmatch.h>
#include <regex>
#include <set>
#include <unistd.h>
#include <utility>

namespace flexcim {
namespace {

constexpr int kOpenGroups = 4;              ///< clock, power, control, the first sub-macro
constexpr int kOpenUnclockedGroups = 9;     ///< of a SoC without macros: all but single banks and components
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

TraceFile::TraceFile(const std::string& base, TraceOptions options)
    : base_(base), options_(checked(std::move(options))), changes_(base_ + ".vcd", options_.from_ps, options_.to_ps) {
  const std::string folder = std::filesystem::path(base).parent_path().string();
  if (!base.empty() && access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
    throw InputError(base + ".vcd: cannot create the waveform file");
  }
  for (const SignalGlob& glob : options_.signals) globs_.push_back({glob, normalized(glob.text)});
}

bool TraceFile::wanted(const Label& label) {
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

void TraceFile::require_matches() const {
  std::string text;
  for (const Glob& glob : globs_) {
    if (glob.matched) continue;
    text += (text.empty() ? "" : "\n") + glob.given.place + (glob.given.place.empty() ? "" : ": ") +
            "no signal matches \"" + glob.given.text + "\"; there are " + some_like(glob.pattern, names_) +
            " and others";
  }
  if (!text.empty()) throw InputError(text);
}

int TraceFile::declare(const Label& label, VcdVariable::Type type) {
  const std::string scope = label.scope.empty() ? "top" : "top." + label.scope;
  const int width = type == VcdVariable::Type::wire ? label.width : 1;
  shown_.push_back({label.group, scope + "." + label.name, width, label.radix});
  variables_.push_back({scope, label.name, type, width});
  return static_cast<int>(variables_.size()) - 1;
}

TraceFile::Selection TraceFile::select(const Label& label, int elements, int standard) {
  Selection selection;
  for (int i = 0; i < elements; ++i) {
    Label element = label;
    element.name = element_name(label.name, i, elements);
    element.standard = i < standard;
    if (!wanted(element)) continue;
    if (selection.variables.empty()) selection.first = i;
    selection.end = i + 1;
    selection.variables.resize(static_cast<std::size_t>(i - selection.first), -1);
    selection.variables.push_back(declare(element, VcdVariable::Type::wire));
  }
  return selection;
}

ChangeLog::Signal TraceFile::add_number(const Label& label, std::int64_t first) {
  return wanted(label) ? changes_.add_number(declare(label, VcdVariable::Type::wire), first) : ChangeLog::none;
}

ChangeLog::Signal TraceFile::add_real(const Label& label, double first) {
  return wanted(label) ? changes_.add_real(declare(label, VcdVariable::Type::real), first) : ChangeLog::none;
}

ChangeLog::Signal TraceFile::add_text(const Label& label, const char* first) {
  return wanted(label) ? changes_.add_text(declare(label, VcdVariable::Type::text), first) : ChangeLog::none;
}

ChangeLog::Signal TraceFile::add_level(const Label& label) {
  return wanted(label) ? changes_.add_level(declare(label, VcdVariable::Type::wire)) : ChangeLog::none;
}

ChangeLog::Signal TraceFile::add_states(const Label& label, std::vector<const char*> names) {
  if (!wanted(label)) return ChangeLog::none;
  return changes_.add_states(declare(label, VcdVariable::Type::text), std::move(names));
}

void TraceFile::open_at(std::uint64_t begin_ps, std::uint64_t span_ps) {
  if (!view_) view_ = View{begin_ps, span_ps};
}

ChangeReplay::Written TraceFile::write(const Cycles* cycles) {
  changes_.require_kept();
  VcdWriter vcd(target(), variables_);
  ChangeReplay changes(changes_, vcd);
  TraceSpan span;
  if (cycles != nullptr)
    span = replay(cycles->records, cycles->ports, cycles->clock, cycles->half_period, changes, vcd);
  changes.write_all();
  vcd.close();
  const ChangeReplay::Written& written = changes.written();
  if (cycles == nullptr) span = {written.first_ps, written.last_ps};
  std::vector<SavefileSignal> shown = shown_first_;
  shown.insert(shown.end(), shown_.begin(), shown_.end());
  for (const Beside& other : beside_) {
    other.complete();
    if (!std::filesystem::exists(other.vcd)) continue;
    const std::vector<SavefileSignal> pins = merge_vcd(target(), other.vcd, other.scope);
    shown.insert(shown.end(), pins.begin(), pins.end());
    std::filesystem::remove(other.vcd);
  }
  if (options_.fst) convert_to_fst(target(), base_ + ".fst");
  const std::string dump = std::filesystem::path(base_).filename().string() + (options_.fst ? ".fst" : ".vcd");
  View view = view_.value_or(View{span.begin, span.end - span.begin});
  if (cycles != nullptr) {
    view.span = std::min(std::max(span.end, view.begin) - view.begin, kShownCycles * 2 * cycles->half_period);
  }
  write_savefile(base_ + ".gtkw", dump, shown, view.begin, view.span,
                 cycles != nullptr ? kOpenGroups : kOpenUnclockedGroups);
  return written;
}

void TraceFile::record_beside(bool on) {
  for (const Beside& other : beside_) other.record(on);
}

void TraceFile::discard_beside() {
  for (const Beside& other : beside_) {
    other.complete();
    std::filesystem::remove(other.vcd);
  }
}

}  // namespace flexcim
