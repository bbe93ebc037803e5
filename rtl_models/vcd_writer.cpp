#include "rtl_models/vcd_writer.h"

#include "flow/error.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace flexcim {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

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

}  // namespace

VcdWriter::VcdWriter(const std::string& path) : path_(path), file_(path, std::ios::binary) {
  if (!file_) throw InputError(path + ": cannot create the waveform file");
}

VcdWriter::~VcdWriter() {
  if (file_.is_open()) file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
}

int VcdWriter::declare(const std::string& scope, const std::string& name, Type type, int width) {
  variables_.push_back({scope, name, type, width, identifier(variables_.size())});
  return static_cast<int>(variables_.size()) - 1;
}

void VcdWriter::write_header() {
  header_written_ = true;
  put("$timescale 1ps $end\n");
  std::vector<std::size_t> order(variables_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return split(variables_[a].scope) < split(variables_[b].scope);
  });
  std::vector<std::string> open;
  for (std::size_t i : order) {
    const Variable& variable = variables_[i];
    const std::vector<std::string> scope = split(variable.scope);
    std::size_t common = 0;
    while (common < open.size() && common < scope.size() && open[common] == scope[common]) ++common;
    for (; open.size() > common; open.pop_back()) put("$upscope $end\n");
    for (; open.size() < scope.size(); open.push_back(scope[open.size()])) {
      put("$scope module " + scope[open.size()] + " $end\n");
    }
    switch (variable.type) {
      case Type::wire:
        put("$var wire " + std::to_string(variable.width) + " " + variable.id + " " + variable.name +
            (variable.width > 1 ? " [" + std::to_string(variable.width - 1) + ":0]" : "") + " $end\n");
        break;
      case Type::text:
        put("$var string 1 " + variable.id + " " + variable.name + " $end\n");
        break;
      case Type::real:
        put("$var real 64 " + variable.id + " " + variable.name + " $end\n");
        break;
    }
  }
  for (; !open.empty(); open.pop_back()) put("$upscope $end\n");
  put("$enddefinitions $end\n");
}

void VcdWriter::time(std::uint64_t picoseconds) {
  if (!header_written_) write_header();
  time_ = picoseconds;
}

void VcdWriter::flush_if_long() {
  if (time_written_ != time_) {
    time_written_ = time_;
    put("#" + std::to_string(time_) + "\n");
  }
  if (buffer_.size() < kBufferBytes) return;
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
}

void VcdWriter::change(int variable, std::int64_t value) {
  flush_if_long();
  const Variable& v = variables_[variable];
  if (v.width == 1) {
    buffer_ += (value & 1) != 0 ? '1' : '0';
  } else {
    // Leading zeros may be left out: a reader extends to the left with zeros.
    const std::uint64_t bits =
        static_cast<std::uint64_t>(value) & (v.width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << v.width) - 1);
    char digits[66];
    digits[0] = 'b';
    int count = 1;
    for (int bit = bits == 0 ? 0 : 63 - __builtin_clzll(bits); bit >= 0; --bit) {
      digits[count++] = static_cast<char>('0' + ((bits >> bit) & 1));
    }
    buffer_.append(digits, static_cast<std::size_t>(count));
    buffer_ += ' ';
  }
  buffer_ += v.id;
  buffer_ += '\n';
}

void VcdWriter::change(int variable, const ColumnMask& value) {
  flush_if_long();
  const Variable& v = variables_[variable];
  if (v.width > 1) buffer_ += 'b';
  for (int bit = v.width - 1; bit >= 0; --bit) buffer_ += value.test(bit) ? '1' : '0';
  if (v.width > 1) buffer_ += ' ';
  buffer_ += v.id;
  buffer_ += '\n';
}

void VcdWriter::change(int variable, const char* text) {
  flush_if_long();
  buffer_ += 's';
  buffer_ += text;
  buffer_ += ' ' + variables_[variable].id + '\n';
}

void VcdWriter::change(int variable, double value) {
  flush_if_long();
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  buffer_ += 'r';
  buffer_.append(digits, static_cast<std::size_t>(end - digits));
  buffer_ += ' ' + variables_[variable].id + '\n';
}

void VcdWriter::close() {
  if (!file_.is_open()) return;
  if (!header_written_) write_header();
  put("#" + std::to_string(time_) + "\n");
  file_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  buffer_.clear();
  file_.close();
  if (!file_) throw InputError(path_ + ": could not write the waveform (disk full?)");
}

}  // namespace flexcim
