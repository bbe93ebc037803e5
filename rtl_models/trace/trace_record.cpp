#include "rtl_models/trace/trace_record.h"

#include <cstring>

namespace flexcim {
namespace {

/// Follows one port through the records.
class PortReplay {
 public:
  PortReplay(const TracePort& port, VcdWriter& vcd) : port_(port), vcd_(vcd), last_(port.variables.size()) {}

  void change(const unsigned char* data, std::size_t bytes) {
    switch (port_.value) {
      case PortValue::number:
        vcd_.change(port_.variables[0], read<std::int64_t>(data));
        break;
      case PortValue::text:
        vcd_.change(port_.variables[0], read<const char*>(data));
        break;
      case PortValue::mask:
        vcd_.change(port_.variables[0], read<ColumnMask>(data));
        break;
      case PortValue::real:
        vcd_.change(port_.variables[0], read<double>(data));
        break;
      case PortValue::int8s:
        change_elements<std::int8_t>(data, bytes);
        break;
      case PortValue::int32s:
        change_elements<std::int32_t>(data, bytes);
        break;
    }
    first_ = false;
  }

 private:
  template <class Value>
  static Value read(const unsigned char* data) {
    Value value;
    std::memcpy(&value, data, sizeof value);
    return value;
  }

  template <class Element>
  void change_elements(const unsigned char* data, std::size_t bytes) {
    const std::size_t count = bytes / sizeof(Element);
    for (std::size_t i = 0; i < last_.size(); ++i) {
      const std::int32_t value = i < count ? read<Element>(data + i * sizeof(Element)) : 0;
      if ((value == last_[i] && !first_) || port_.variables[i] < 0) continue;
      last_[i] = value;
      vcd_.change(port_.variables[i], std::int64_t{value});
    }
  }

  const TracePort& port_;
  VcdWriter& vcd_;
  std::vector<std::int32_t> last_;
  bool first_ = true;
};

}  // namespace

TraceSpan replay(TraceSpool::View records, const std::vector<TracePort>& ports, int clock, std::uint64_t half_period,
                 ChangeReplay& changes, VcdWriter& vcd) {
  std::vector<PortReplay> replays;
  replays.reserve(ports.size());
  for (const TracePort& port : ports) replays.emplace_back(port, vcd);
  TraceSpan span;
  std::uint64_t rise = 0;
  int cycles = 0;
  bool changed = false;
  const auto fall = [&] {
    if (cycles == 0) return;
    span.end = rise + half_period;
    changes.write_until(static_cast<std::int64_t>(span.end));
    vcd.time(span.end);
    vcd.change(clock, std::int64_t{0});
  };
  for (const unsigned char* at = records.begin; at != records.end;) {
    TraceRecord record;
    std::memcpy(&record, at, sizeof record);
    at += sizeof record;
    if (record.port == TraceRecord::kCycleBegins) {
      fall();
      cycles += cycles < 2;
      std::memcpy(&rise, at, sizeof rise);
      changes.write_until(static_cast<std::int64_t>(rise));
      vcd.time(rise);
      vcd.change(clock, std::int64_t{1});
    } else {
      if (cycles == 2 && !changed) span.begin = rise;
      changed = changed || cycles == 2;
      replays[record.port].change(at, record.bytes);
    }
    at += record.bytes;
  }
  fall();
  return span;
}

}  // namespace flexcim
