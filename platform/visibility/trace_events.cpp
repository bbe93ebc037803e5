#include "platform/visibility/trace_events.h"

#include "flow/base/json_output.h"

#include <fmt/format.h>
#include <iterator>

namespace flexcim {
namespace {

constexpr std::size_t kWrittenAtOnce = 1 << 16;

/// Microseconds, exact to the picosecond.
std::string microseconds(Picoseconds ps) { return fmt::format("{}.{:06}", ps / 1'000'000, ps % 1'000'000); }

}  // namespace

TraceEvents::TraceEvents(const std::filesystem::path& path)
    : file_(path.string()), text_("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[") {}

void TraceEvents::put(char phase, const TraceTrack& track, Picoseconds at, std::string_view name, std::string_view more,
                      std::string_view arguments) {
  if (text_.back() != '[') text_ += ',';
  fmt::format_to(std::back_inserter(text_), "\n{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{},\"name\":{}{}", phase,
                 track.process, track.thread, microseconds(at), name, more);
  if (!arguments.empty()) fmt::format_to(std::back_inserter(text_), ",\"args\":{{{}}}", arguments);
  text_ += '}';
  if (text_.size() > kWrittenAtOnce) write();
}

void TraceEvents::name_process(int process, std::string_view name) {
  put('M', {process, 0}, 0, "\"process_name\"", "", "\"name\":" + json_string(name));
}

void TraceEvents::name_thread(const TraceTrack& track, std::string_view name) {
  put('M', track, 0, "\"thread_name\"", "", "\"name\":" + json_string(name));
}

void TraceEvents::begin(const TraceTrack& track, Picoseconds at, std::string_view name) {
  put('B', track, at, name, "", "");
}

void TraceEvents::end(const TraceTrack& track, Picoseconds at) { put('E', track, at, "\"\"", "", ""); }

void TraceEvents::slice(const TraceTrack& track, Picoseconds from, Picoseconds to, std::string_view name,
                        std::string_view arguments) {
  put('X', track, from, name, ",\"dur\":" + microseconds(to - from), arguments);
}

void TraceEvents::instant(const TraceTrack& track, Picoseconds at, std::string_view name) {
  put('i', track, at, name, ",\"s\":\"t\"", "");
}

void TraceEvents::counter(const TraceTrack& track, Picoseconds at, std::string_view name, double value) {
  put('C', track, at, name, "", fmt::format("\"value\":{}", value));
}

/// Keeps the last character, which tells whether a comma is due.
void TraceEvents::write() {
  file_.append(text_.data(), text_.size() - 1);
  text_.erase(0, text_.size() - 1);
}

void TraceEvents::finish() {
  text_ += "\n]}\n";
  file_.append(text_.data(), text_.size());
  file_.finish();
}

}  // namespace flexcim
