#include "platform/report/trace_reader.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"

#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace flexcim {
namespace {

constexpr double kPsPerMicrosecond = 1e6;

/// {"traceEvents": [{"ph": "X", ..., "args": {...}}, ...]}: an event is an object of depth 2, its arguments of depth 3.
class Handler : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Handler(const std::function<void(const TraceEvent&)>& event) : event_(event) {}

  bool found() const { return found_; }
  const std::string& error() const { return error_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool binary(binary_t&) override { return true; }
  bool string(string_t& value) override {
    if (!events_) return true;
    if (depth_ == kEvent && key_ == "ph" && !value.empty()) now_.phase = value.front();
    if (depth_ == kEvent && key_ == "name") now_.name = value;
    if (depth_ == kArguments && key_ == "name") now_.text = value;
    return true;
  }
  bool key(string_t& value) override {
    if (depth_ == 1) events_ = value == "traceEvents";
    found_ = found_ || events_;
    key_ = value;
    return true;
  }
  bool start_object(std::size_t) override {
    if (++depth_ == kEvent) now_ = {};
    return true;
  }
  bool end_object() override {
    if (depth_-- == kEvent && events_) event_(now_);
    return true;
  }
  // Of arrays only that of the events counts: an array among arguments has no events in it.
  bool start_array(std::size_t) override {
    ++arrays_;
    return true;
  }
  bool end_array() override {
    --arrays_;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    error_ = fmt::format("is no JSON at byte {}", position);
    return false;
  }

 private:
  enum Depth { kEvent = 2, kArguments };

  bool number(double value) {
    if (!events_ || arrays_ != 1) return true;
    if (depth_ == kArguments) now_.values.emplace_back(key_, value);
    if (depth_ != kEvent) return true;
    if (key_ == "pid") now_.process = static_cast<int>(value);
    if (key_ == "tid") now_.thread = static_cast<int>(value);
    if (key_ == "ts") now_.at_ps = std::llround(value * kPsPerMicrosecond);
    if (key_ == "dur") now_.duration_ps = std::llround(value * kPsPerMicrosecond);
    return true;
  }

  const std::function<void(const TraceEvent&)>& event_;
  TraceEvent now_;
  std::string key_;
  std::string error_;
  int depth_ = 0;   ///< of objects
  int arrays_ = 0;  ///< open ones
  bool events_ = false;
  bool found_ = false;
};

}  // namespace

void read_trace(const std::filesystem::path& file, const std::function<void(const TraceEvent&)>& event) {
  const MappedFile mapped(file.string());
  Handler handler(event);
  const std::string_view text = mapped.text();
  const bool read = nlohmann::json::sax_parse(text.begin(), text.end(), &handler);
  if (!read) throw InputError(fmt::format("{}: {}", file.string(), handler.error()));
  if (!handler.found()) throw InputError(file.string() + ": has no traceEvents");
}

}  // namespace flexcim
