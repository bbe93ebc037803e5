#include "platform/results/power_file.h"

#include "flow/base/error.h"
#include "flow/base/output_file.h"
#include "platform/config/clock_period.h"
#include "platform/results/csv_reader.h"

#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

namespace flexcim {
namespace {

enum Columns : std::size_t { kRun, kFidelity, kStart, kEnd, kTotal, kFirstComponent };

std::string header() { return "run,fidelity,start_ns,end_ns,total_mw" + component_columns("mw"); }

/// ",0.000000"
void append_mw(fmt::memory_buffer& line, double mw) {
  if (mw == 0) {  // most components, most of the time
    constexpr std::string_view kZero = ",0.000000";
    line.append(kZero.data(), kZero.data() + kZero.size());
  } else {
    fmt::format_to(std::back_inserter(line), ",{:.6f}", mw);
  }
}

/// What all rows of a run begin with.
std::string begin_of(std::size_t run, const SimulationResult& simulation) {
  return fmt::format("{},{},", run, to_string(simulation.fidelity));
}

void append_row(fmt::memory_buffer& text, const std::string& begin, const PowerWindow& window) {
  fmt::format_to(std::back_inserter(text), "{}{},{},{:.6f}", begin, window.start_ns, window.end_ns, window.total_mw());
  for (const ComponentInfo& info : kComponentInfos) append_mw(text, window.power_mw(info.component));
}

PowerWindow window_of(const CsvReader& reader) {
  PowerWindow window;
  window.start_ns = reader.number(kStart);
  window.end_ns = reader.number(kEnd);
  if (window.end_ns <= window.start_ns) reader.fail(kEnd, "is not behind start_ns");
  window.stated_total_mw = reader.number(kTotal);
  for (std::size_t i = 0; i < kComponents; ++i) {
    window.energy_pj[i] = reader.number(kFirstComponent + i) * (window.end_ns - window.start_ns);
  }
  return window;
}

}  // namespace

std::string component_columns(const char* unit) {
  std::string text;
  for (const ComponentInfo& info : kComponentInfos) text += fmt::format(",{}_{}", info.name, unit);
  return text;
}

void write_power_csv(const std::filesystem::path& path, const RunResult& result) {
  constexpr std::size_t kWrittenAtOnce = 1 << 16;
  OutputFile file(path.string());
  fmt::memory_buffer text;
  const auto write = [&] {
    file.append(text.data(), text.size());
    text.clear();
  };
  fmt::format_to(std::back_inserter(text), "{}\n", header());
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const std::string begin = begin_of(run, result.simulations[run]);
    result.simulations[run].power([&](const PowerWindow& window) {
      append_row(text, begin, window);
      text.push_back('\n');
      if (text.size() > kWrittenAtOnce) write();
    });
  }
  write();
  file.finish();
}

void read_power_csv(const std::filesystem::path& path, RunResult& result) {
  const std::string file = path.string();
  CsvReader reader(file, header());
  std::size_t run = 0;
  double reached_ns = 0;
  const auto end_run = [&] {
    const double time_ns = nanoseconds(result.simulations[run].time_ps);
    if (reached_ns != time_ns) {
      throw InputError(fmt::format("{}: run {} has {} ns, its windows end at {}", file, run, time_ns, reached_ns));
    }
    reached_ns = 0;
    ++run;
  };
  while (reader.next()) {
    while (run + 1 < result.simulations.size() && reader.cell(kRun) != std::to_string(run)) end_run();
    const PowerWindow window = window_of(reader);
    fmt::memory_buffer expected;
    append_row(expected, begin_of(run, result.simulations[run]), window);
    reader.require({expected.data(), expected.size()});
    if (window.start_ns != reached_ns) reader.fail(kStart, "is not the end of the window before");
    reached_ns = window.end_ns;
  }
  while (run < result.simulations.size()) end_run();
  for (std::size_t i = 0; i < result.simulations.size(); ++i) {
    result.simulations[i].power = [file, mine = std::to_string(i)](const PowerRow& row) {
      CsvReader rows(file, header());
      while (rows.next()) {
        if (rows.cell(kRun) == mine) row(window_of(rows));
      }
    };
  }
}

}  // namespace flexcim
