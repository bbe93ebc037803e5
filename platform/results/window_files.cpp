#include "platform/results/window_files.h"

#include <string_view>

namespace flexcim {
namespace {

/// ",0.000000"
void append_mw(fmt::memory_buffer& text, double mw) {
  if (mw == 0) {  // most components, most of the time
    constexpr std::string_view kZero = ",0.000000";
    text.append(kZero.data(), kZero.data() + kZero.size());
  } else {
    fmt::format_to(std::back_inserter(text), ",{:.6f}", mw);
  }
}

void append_power(fmt::memory_buffer& text, const PowerWindow& window) {
  append_mw(text, window.total_mw());
  for (const ComponentInfo& info : kComponentInfos) append_mw(text, window.power_mw(info.component));
}

void read_power(const CsvReader& reader, PowerWindow& window) {
  constexpr std::size_t kTotal = WindowFile<PowerWindow>::first_column;
  window.stated_total_mw = reader.number(kTotal);
  for (std::size_t i = 0; i < kComponents; ++i) {
    window.energy_pj[i] = reader.number(kTotal + 1 + i) * (window.end_ns - window.start_ns);
  }
}

void append_activity(fmt::memory_buffer& text, const ActivityWindow& window) {
  fmt::format_to(std::back_inserter(text), ",{},{:.6f},{},{}", window.macs_executed, window.utilization,
                 window.dram_read_bytes, window.dram_write_bytes);
  for (const double bytes : window.buffer_bytes) fmt::format_to(std::back_inserter(text), ",{:.3f}", bytes);
}

void read_activity(const CsvReader& reader, ActivityWindow& window) {
  std::size_t column = WindowFile<ActivityWindow>::first_column;
  window.macs_executed = reader.count(column++);
  window.utilization = reader.number(column++);
  window.dram_read_bytes = reader.count(column++);
  window.dram_write_bytes = reader.count(column++);
  for (double& bytes : window.buffer_bytes) bytes = reader.number(column++);
}

}  // namespace

std::string component_columns(const char* unit) {
  std::string text;
  for (const ComponentInfo& info : kComponentInfos) text += fmt::format(",{}_{}", info.name, unit);
  return text;
}

WindowFile<PowerWindow> power_file() {
  return {&SimulationResult::power, ",total_mw" + component_columns("mw"), append_power, read_power};
}

WindowFile<ActivityWindow> activity_file() {
  return {&SimulationResult::activity,
          ",macs_executed,utilization,dram_read_bytes,dram_write_bytes,activation_buffer_bytes,weight_buffer_bytes,"
          "output_buffer_bytes",
          append_activity, read_activity};
}

}  // namespace flexcim
