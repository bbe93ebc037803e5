// CSV files with a row per window of time and run: power.csv, activity.csv.
#pragma once

#include "flow/base/error.h"
#include "flow/base/output_file.h"
#include "platform/config/clock_period.h"
#include "platform/results/csv_reader.h"
#include "platform/results/run_result.h"

#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <string>

namespace flexcim {

/// How windows, which have start_ns and end_ns, stand in their file: behind run, fidelity, start and end.
template <class Window>
struct WindowFile {
  using Row = std::function<void(const Window&)>;

  static constexpr std::size_t first_column = 4;

  std::function<void(const Row&)> SimulationResult::*rows;
  std::string columns;                                      ///< ",NAME,…"
  void (*append)(fmt::memory_buffer& text, const Window&);  ///< cells, a comma before each
  void (*read)(const CsvReader& reader, Window&);           ///< from first_column on; start and end are known

  std::string header() const { return "run,fidelity,start_ns,end_ns" + columns; }

  /// Row by row as the windows come; a run without windows has none. Throws std::system_error naming the file.
  void write(const std::filesystem::path& path, const RunResult& result) const;
  /// Checks the file against the fidelities and times of `result`'s runs and makes their windows read from it whenever
  /// they are asked for: rows are not kept in memory. The check and each such call throw InputError naming file, line
  /// and column.
  void load(const std::filesystem::path& path, RunResult& result) const;

 private:
  enum Columns : std::size_t { kRun, kFidelity, kStart, kEnd };

  void append_row(fmt::memory_buffer& text, std::size_t run, const SimulationResult& simulation,
                  const Window& window) const {
    fmt::format_to(fmt::appender(text), "{},{},{},{}", run, to_string(simulation.fidelity), window.start_ns,
                   window.end_ns);
    append(text, window);
  }
  Window window_of(const CsvReader& reader) const {
    Window window;
    window.start_ns = reader.number(kStart);
    window.end_ns = reader.number(kEnd);
    if (window.end_ns <= window.start_ns) reader.fail(kEnd, "is not behind start_ns");
    read(reader, window);
    return window;
  }
};

template <class Window>
void WindowFile<Window>::write(const std::filesystem::path& path, const RunResult& result) const {
  constexpr std::size_t kWrittenAtOnce = 1 << 16;
  OutputFile file(path.string());
  fmt::memory_buffer text;
  const auto write_out = [&] {
    file.append(text.data(), text.size());
    text.clear();
  };
  fmt::format_to(fmt::appender(text), "{}\n", header());
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const SimulationResult& simulation = result.simulations[run];
    if (!(simulation.*rows)) continue;
    (simulation.*rows)([&](const Window& window) {
      append_row(text, run, simulation, window);
      text.push_back('\n');
      if (text.size() > kWrittenAtOnce) write_out();
    });
  }
  write_out();
  file.finish();
}

template <class Window>
void WindowFile<Window>::load(const std::filesystem::path& path, RunResult& result) const {
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
    const Window window = window_of(reader);
    fmt::memory_buffer expected;
    append_row(expected, run, result.simulations[run], window);
    reader.require({expected.data(), expected.size()});
    if (window.start_ns != reached_ns) reader.fail(kStart, "is not the end of the window before");
    reached_ns = window.end_ns;
  }
  while (run < result.simulations.size()) end_run();
  for (std::size_t i = 0; i < result.simulations.size(); ++i) {
    result.simulations[i].*rows = [format = *this, file, mine = std::to_string(i)](const Row& row) {
      CsvReader windows(file, format.header());
      while (windows.next()) {
        if (windows.cell(kRun) == mine) row(format.window_of(windows));
      }
    };
  }
}

}  // namespace flexcim
