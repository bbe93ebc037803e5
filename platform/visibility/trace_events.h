// Files in Chrome's trace event format (Trace Event Format, Google 2016: JSON object format), which Perfetto and
// chrome://tracing open.
#pragma once

#include "flow/base/cycle.h"
#include "flow/base/output_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace flexcim {

/// What a viewer shows as one row; numbers are ours to choose.
struct TraceTrack {
  int process = 0;
  int thread = 0;
};

/// Written event by event, so that memory does not grow with the run. On every track callers give events in the order
/// of their begin. Times are picoseconds from the start of the simulation, not negative; in the file they are
/// microseconds with six decimals. `arguments` is the inside of a JSON object ("\"tag\": 1"), or empty. Everything
/// throws std::system_error naming the file.
class TraceEvents {
 public:
  /// Nothing is in its place before finish().
  explicit TraceEvents(const std::filesystem::path& path);

  void name_process(int process, std::string_view name);
  void name_thread(const TraceTrack& track, std::string_view name);

  /// A slice that lies in those of its track that have begun and not ended. `name` is JSON (json_string()).
  void begin(const TraceTrack& track, Picoseconds at, std::string_view name);
  /// Of the last one that has begun.
  void end(const TraceTrack& track, Picoseconds at);
  /// A slice that overlaps no other of its track. `name` is JSON.
  void slice(const TraceTrack& track, Picoseconds from, Picoseconds to, std::string_view name,
             std::string_view arguments = {});
  /// A moment. `name` is JSON.
  void instant(const TraceTrack& track, Picoseconds at, std::string_view name);
  /// A curve that has this value from now on; its track's thread tells it from others of the process. `name` is JSON.
  void counter(const TraceTrack& track, Picoseconds at, std::string_view name, double value);

  /// Closes the list of events and puts the file in its place.
  void finish();

 private:
  void put(char phase, const TraceTrack& track, Picoseconds at, std::string_view name, std::string_view more,
           std::string_view arguments);
  void write();

  OutputFile file_;
  std::string text_;  ///< not written yet
};

}  // namespace flexcim
