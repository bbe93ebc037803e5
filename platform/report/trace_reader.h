// Events of a file in Chrome's trace event format, one after the other: files may be larger than memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

struct TraceEvent {
  char phase = ' ';  ///< B, E, X, i, C, M
  int process = 0;
  int thread = 0;
  std::int64_t at_ps = 0;
  std::int64_t duration_ps = 0;
  std::string name;
  std::string text;                                    ///< of an M event: the name that it gives
  std::vector<std::pair<std::string, double>> values;  ///< numbers among its arguments
};

/// Object form. Throws InputError naming the file for what is no JSON, or has no `traceEvents`.
void read_trace(const std::filesystem::path& file, const std::function<void(const TraceEvent&)>& event);

}  // namespace flexcim
