#include "rtl_models/trace/merge_vcd.h"

#include "flow/base/error.h"
#include "flow/base/output_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>

namespace flexcim {
namespace {

constexpr std::uint64_t kEnd = std::numeric_limits<std::uint64_t>::max();

/// Line by line: first the header, then the changes of one time after the other.
class VcdReader {
 public:
  explicit VcdReader(const std::string& path) : path_(path), file_(path) {
    if (!file_) throw_system_error(errno, path + ": cannot be read");
    std::string line;
    while (std::getline(file_, line)) {
      if (line.rfind("$enddefinitions", 0) == 0) break;
      header_.push_back(line);
    }
    if (!file_) throw_system_error(EIO, path + ": is no value change dump");
    while (std::getline(file_, line) && line.rfind('#', 0) != 0) {
    }
    set_time(line);
  }

  const std::vector<std::string>& header() const { return header_; }
  /// Of the changes that come next; kEnd behind the last.
  std::uint64_t time() const { return time_; }
  /// Hands each change of this time to `take`, and goes to the next one.
  template <class Take>
  void take_changes(const Take& take) {
    std::string line;
    while (std::getline(file_, line)) {
      if (line.rfind('#', 0) == 0) return set_time(line);
      if (!line.empty()) take(line);
    }
    time_ = kEnd;
  }

 private:
  void set_time(const std::string& line) { time_ = file_ ? std::strtoull(line.c_str() + 1, nullptr, 10) : kEnd; }

  const std::string path_;
  std::ifstream file_;
  std::vector<std::string> header_;
  std::uint64_t time_ = kEnd;
};

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// "$var wire 8 ! name [7:0] $end" has its identifier there.
constexpr std::size_t kIdentifier = 3, kName = 4, kWidth = 2;

bool declares(const std::vector<std::string>& words) { return words.size() > kName && words[0] == "$var"; }

class Merged {
 public:
  explicit Merged(const std::string& path) : file_(path) {}
  void put(const std::string& line) {
    buffer_ += line;
    buffer_ += '\n';
    if (buffer_.size() > kBuffered) write_out();
  }
  void finish() {
    write_out();
    file_.finish();
  }

 private:
  static constexpr std::size_t kBuffered = std::size_t{1} << 20;
  void write_out() {
    file_.append(buffer_.data(), buffer_.size());
    buffer_.clear();
  }
  OutputFile file_;
  std::string buffer_;
};

}  // namespace

std::vector<SavefileSignal> merge_vcd(const std::string& path, const std::string& other, const std::string& scope) {
  VcdReader first(path), second(other);
  Merged merged(path);
  std::size_t longest = 0;
  for (const std::string& line : first.header()) {
    merged.put(line);
    const std::vector<std::string> words = words_of(line);
    if (declares(words)) longest = std::max(longest, words[kIdentifier].size());
  }
  // Longer than all of the first one's.
  const std::string prefix(longest, '~');

  std::vector<SavefileSignal> pins;
  int depth = 0;
  for (const std::string& line : second.header()) {
    std::vector<std::string> words = words_of(line);
    if (words.empty()) continue;
    if (words[0] == "$scope") {
      if (depth++ == 0) words[2] = scope;
    } else if (words[0] == "$upscope") {
      --depth;
    } else if (declares(words)) {
      if (depth == 1) {
        const int width = std::atoi(words[kWidth].c_str());
        pins.push_back({scope, scope + "." + words[kName], width, width == 1 ? Radix::bit : Radix::hex});
      }
      words[kIdentifier].insert(0, prefix);
    } else {
      continue;
    }
    std::string text = words[0];
    for (std::size_t i = 1; i < words.size(); ++i) text += " " + words[i];
    merged.put(text);
  }
  merged.put("$enddefinitions $end");

  const auto rename = [&](std::string line) {
    const bool vector = line[0] == 'b' || line[0] == 'r';
    line.insert(vector ? line.find(' ') + 1 : 1, prefix);
    merged.put(line);
  };
  std::uint64_t written = kEnd;
  while (first.time() != kEnd || second.time() != kEnd) {
    const std::uint64_t now = std::min(first.time(), second.time());
    if (now != written) merged.put("#" + std::to_string(now));  // VcdWriter ends with its last time once more
    written = now;
    if (first.time() == now) first.take_changes([&](const std::string& line) { merged.put(line); });
    if (second.time() == now) second.take_changes(rename);
  }
  merged.finish();
  return pins;
}

}  // namespace flexcim
