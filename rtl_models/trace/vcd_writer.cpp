#include "rtl_models/trace/vcd_writer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

namespace flexcim {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
constexpr std::size_t kLongestNumber = 32;  ///< of a time or a real, in characters

/// Printable identifiers, the short ones first.
std::string identifier(std::size_t number) {
  constexpr std::size_t kFirst = '!', kCount = '~' - '!' + 1;
  std::string id;
  do {
    id += static_cast<char>(kFirst + number % kCount);
    number /= kCount;
  } while (number > 0);
  return id;
}

std::vector<std::string> split(const std::string& scope) {
  std::vector<std::string> parts;
  std::istringstream stream(scope);
  for (std::string part; std::getline(stream, part, '.');) parts.push_back(part);
  return parts;
}

/// The eight digits of every byte.
struct DigitTable {
  char digits[256][8];
};
constexpr DigitTable make_digits() {
  DigitTable table{};
  for (int byte = 0; byte < 256; ++byte) {
    for (int i = 0; i < 8; ++i) table.digits[byte][i] = static_cast<char>('0' + ((byte >> (7 - i)) & 1));
  }
  return table;
}
constexpr DigitTable kDigits = make_digits();

}  // namespace

VcdWriter::VcdWriter(const std::string& path, const std::vector<VcdVariable>& variables)
    : file_(path), buffer_(kBufferBytes) {
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const VcdVariable& variable = variables[i];
    const bool bit = variable.type == VcdVariable::Type::wire && variable.width == 1;
    const std::string text = (bit ? "" : " ") + identifier(i) + "\n";
    Ending ending{};
    std::memcpy(ending.text, text.data(), std::min(text.size(), sizeof ending.text));
    ending.length = static_cast<std::uint8_t>(text.size());
    ending.width = static_cast<std::uint8_t>(std::min(variable.width, 64));
    endings_.push_back(ending);
    widths_.push_back(variable.width);
  }
  write_header(variables);
}

void VcdWriter::write_header(const std::vector<VcdVariable>& variables) {
  put("$timescale 1ps $end\n");
  std::vector<std::size_t> order(variables.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return split(variables[a].scope) < split(variables[b].scope); });
  std::vector<std::string> open;
  for (std::size_t i : order) {
    const VcdVariable& variable = variables[i];
    const std::vector<std::string> scope = split(variable.scope);
    std::size_t common = 0;
    while (common < open.size() && common < scope.size() && open[common] == scope[common]) ++common;
    for (; open.size() > common; open.pop_back()) put("$upscope $end\n");
    for (; open.size() < scope.size(); open.push_back(scope[open.size()])) {
      put("$scope module " + scope[open.size()] + " $end\n");
    }
    switch (variable.type) {
      case VcdVariable::Type::wire:
        put("$var wire " + std::to_string(variable.width) + " " + identifier(i) + " " + variable.name +
            (variable.width > 1 ? " [" + std::to_string(variable.width - 1) + ":0]" : "") + " $end\n");
        break;
      case VcdVariable::Type::text:
        put("$var string 1 " + identifier(i) + " " + variable.name + " $end\n");
        break;
      case VcdVariable::Type::real:
        put("$var real 64 " + identifier(i) + " " + variable.name + " $end\n");
        break;
    }
  }
  for (; !open.empty(); open.pop_back()) put("$upscope $end\n");
  put("$enddefinitions $end\n");
}

void VcdWriter::write_out() {
  file_.append(buffer_.data(), used_);
  written_ += used_;
  used_ = 0;
}

char* VcdWriter::room(std::size_t bytes) {
  if (buffer_.size() - used_ < bytes) write_out();
  if (buffer_.size() < bytes) buffer_.resize(bytes);
  return buffer_.data() + used_;
}

void VcdWriter::put(const std::string& text) {
  std::memcpy(room(text.size()), text.data(), text.size());
  used_ += text.size();
}

/// Room for a value and its ending, behind the present time.
char* VcdWriter::begin_change(std::size_t value_bytes) {
  char* at = room(kLongestNumber + value_bytes + sizeof Ending::text);
  if (time_written_ == time_) return at;
  time_written_ = time_;
  *at++ = '#';
  at = std::to_chars(at, at + kLongestNumber, time_).ptr;
  *at++ = '\n';
  return at;
}

void VcdWriter::end_change(int variable, char* at) {
  const Ending& ending = endings_[variable];
  std::memcpy(at, ending.text, sizeof ending.text);
  used_ = static_cast<std::size_t>(at + ending.length - buffer_.data());
}

void VcdWriter::change(int variable, std::int64_t value) {
  constexpr std::size_t kMost = 1 + 64 + 8;
  char* at = begin_change(kMost);
  const int width = endings_[variable].width;
  if (width == 1) {
    *at++ = static_cast<char>('0' + (value & 1));
  } else {
    // Leading zeros may be left out: a reader extends to the left with zeros.
    const std::uint64_t bits = static_cast<std::uint64_t>(value) << (64 - width) >> (64 - width);
    const int zeros = bits == 0 ? 63 : __builtin_clzll(bits);
    const int digits = 64 - zeros;
    *at++ = 'b';
    std::uint64_t left = bits << zeros;
    for (int i = 0; i < digits; i += 8, left <<= 8) std::memcpy(at + i, kDigits.digits[left >> 56], 8);
    at += digits;
  }
  end_change(variable, at);
}

void VcdWriter::change(int variable, const ColumnMask& value) {
  const int width = widths_[variable];
  char* at = begin_change(static_cast<std::size_t>(width) + 1);
  if (width > 1) *at++ = 'b';
  for (int bit = width - 1; bit >= 0; --bit) *at++ = value.test(bit) ? '1' : '0';
  end_change(variable, at);
}

void VcdWriter::change(int variable, const char* text) {
  const std::size_t length = std::strlen(text);
  char* at = begin_change(length + 1);
  *at++ = 's';
  end_change(variable, std::copy_n(text, length, at));
}

void VcdWriter::change(int variable, double value) {
  char* at = begin_change(kLongestNumber);
  *at++ = 'r';
  end_change(variable, std::to_chars(at, at + kLongestNumber - 1, value).ptr);
}

void VcdWriter::close() {
  put("#" + std::to_string(time_) + "\n");
  write_out();
  file_.finish();
}

}  // namespace flexcim
