#include "rtl_models/observe/waveform.h"

#include "flow/base/error.h"
#include "rtl_models/trace/fst.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fnmatch.h>
#include <regex>
#include <set>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr int kOpenGroups = 4;              // clock, power, control, the first sub-macro
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
                   const sc_core::sc_time& clock_period)
    : sc_module(name),
      base_(base),
      options_(checked(std::move(options))),
      half_period_(clock_period / 2),
      clock_variable_(declare({"", "clock", "Clock", 1, Radix::bit, true}, VcdVariable::Type::wire)) {
  const std::string folder = std::filesystem::path(base).parent_path().string();
  if (!base.empty() && access(folder.empty() ? "." : folder.c_str(), W_OK) != 0) {
    throw InputError(base + ".vcd: cannot create the waveform file");
  }
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

int Waveform::declare(const Label& label, VcdVariable::Type type) {
  const std::string scope = label.scope.empty() ? "top" : "top." + label.scope;
  const int width = type == VcdVariable::Type::wire ? label.width : 1;
  shown_.push_back({label.group, scope + "." + label.name, width, label.radix});
  variables_.push_back({scope, label.name, type, width});
  return static_cast<int>(variables_.size()) - 1;
}

Waveform::Selection Waveform::select(const Label& label, int elements, int standard) {
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

void Waveform::add_port(PortValue value, std::vector<int> variables, std::unique_ptr<Probe> probe) {
  ports_.push_back({value, std::move(variables)});
  probes_.push_back(std::move(probe));
}

void Waveform::end_of_elaboration() {
  std::size_t most = sizeof(TraceRecord) + sizeof(std::uint64_t);
  for (const auto& probe : probes_) most += sizeof(TraceRecord) + probe->bytes();
  spool_ = std::make_unique<TraceSpool>(base_ + ".vcd", most);
}

void Waveform::sample() {
  const std::uint64_t per_ps = sc_core::sc_time(1, sc_core::SC_PS).value();
  const std::uint64_t rise = (sc_core::sc_time_stamp().value() - half_period_.value()) / per_ps;
  if (rise < options_.from_ps || rise > options_.to_ps) return;
  unsigned char* at = spool_->begin_append();
  const auto record = [&at](std::uint32_t port, std::uint32_t bytes) {
    const TraceRecord header{port, bytes};
    std::memcpy(at, &header, sizeof header);
    at += sizeof header + bytes;
  };
  std::memcpy(at + sizeof(TraceRecord), &rise, sizeof rise);
  record(TraceRecord::kCycleBegins, sizeof rise);
  const auto ports = static_cast<std::uint32_t>(probes_.size());
  for (std::uint32_t port = 0; port < ports; ++port) {
    const int bytes = probes_[port]->capture(at + sizeof(TraceRecord));
    if (bytes != Probe::kUnchanged) {
      record(port, static_cast<std::uint32_t>(bytes));
    } else if (recorded_.cycles == 0) {
      record(port, 0);
    }
  }
  spool_->end_append(at);
  if (recorded_.cycles++ == 0) recorded_.first_ps = rise;
  recorded_.last_ps = rise;
  if (begins_ && !opens_ps_ && begins_()) opens_ps_ = rise;
}

void Waveform::require_kept() const {
  if (spool_ != nullptr) spool_->require_kept();
}

void Waveform::close() {
  TraceSpool::View records{nullptr, nullptr};
  if (spool_ != nullptr) records = spool_->view();
  require_kept();
  const std::uint64_t half_ps = half_period_.value() / sc_core::sc_time(1, sc_core::SC_PS).value();
  VcdWriter vcd(base_ + ".vcd", variables_);
  const TraceSpan span = replay(records, ports_, clock_variable_, half_ps, vcd);
  vcd.close();
  if (options_.fst) convert_to_fst(base_ + ".vcd", base_ + ".fst");
  const std::string dump = std::filesystem::path(base_).filename().string() + (options_.fst ? ".fst" : ".vcd");
  const std::uint64_t begin = opens_ps_.value_or(span.begin);
  write_savefile(base_ + ".gtkw", dump, shown_, begin, std::min(span.end - begin, kShownCycles * 2 * half_ps),
                 kOpenGroups);
}

}  // namespace flexcim
