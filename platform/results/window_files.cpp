#include "platform/results/window_files.h"

#include "platform/results/energy_file.h"

#include <string_view>

namespace flexcim {
namespace {

/// So many that a power times the window is known to the femtojoule: six up to a microsecond, one more for every factor
/// of ten.
int decimals_of(const PowerWindow& window) {
  int decimals = 6;
  double resolved_ns = 1000;
  while (resolved_ns < window.end_ns - window.start_ns) {
    resolved_ns *= 10;
    ++decimals;
  }
  return decimals;
}

/// ",0.000000"
void append_mw(fmt::memory_buffer& text, double mw, int decimals) {
  constexpr std::string_view kZero = ",0.000000";
  if (mw == 0 && decimals == 6) {  // most components, most of the time
    text.append(kZero.data(), kZero.data() + kZero.size());
  } else {
    fmt::format_to(fmt::appender(text), ",{:.{}f}", mw, decimals);
  }
}

void append_power(fmt::memory_buffer& text, const PowerWindow& window) {
  const int decimals = decimals_of(window);
  append_mw(text, window.total_mw(), decimals);
  for (const ComponentInfo& info : kComponentInfos) append_mw(text, window.power_mw(info.component), decimals);
}

/// The total follows from the others.
void read_power(const CsvReader& reader, PowerWindow& window) {
  constexpr std::size_t kFirst = WindowFile<PowerWindow>::first_column + 1;
  Femtojoules left = kMostEnergy;
  for (std::size_t i = 0; i < kComponents; ++i) {
    const double mw = reader.number(kFirst + i);
    window.energy[i] = energy_of(reader, kFirst + i, mw * (window.end_ns - window.start_ns), left);
  }
}

void append_activity(fmt::memory_buffer& text, const ActivityWindow& window) {
  fmt::format_to(fmt::appender(text), ",{},{:.6f},{},{}", window.macs_executed, window.utilization,
                 window.dram_read_bytes, window.dram_write_bytes);
  for (const double bytes : window.buffer_bytes) fmt::format_to(fmt::appender(text), ",{:.3f}", bytes);
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
