#include "platform/results/text_table.h"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

namespace flexcim {
namespace {

constexpr const char* kGap = "  ";

struct CodePoint {
  unsigned value;
  std::size_t bytes;
};

/// The code point at `at`; a byte that starts none stands for itself.
CodePoint decode(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(at);
  const std::size_t bytes = lead >= 0xF0 && lead < 0xF8 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  if (bytes == 1 || lead >= 0xF8 || at + bytes > text.size()) return {lead, 1};
  unsigned value = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return {lead, 1};
    value = value << 6 | (byte(at + i) & 0x3F);
  }
  return {value, bytes};
}

int width_of(unsigned c) {
  const auto in = [c](unsigned low, unsigned high) { return c >= low && c <= high; };
  if (in(0x300, 0x36F) || in(0x200B, 0x200F) || in(0x20D0, 0x20FF) || in(0xFE00, 0xFE0F)) return 0;
  if (in(0x1100, 0x115F) || in(0x2E80, 0xA4CF) || in(0xAC00, 0xD7A3) || in(0xF900, 0xFAFF) || in(0xFE30, 0xFE6F) ||
      in(0xFF00, 0xFF60) || in(0xFFE0, 0xFFE6) || in(0x1F300, 0x1FAFF) || in(0x20000, 0x3FFFD)) {
    return 2;
  }
  return 1;
}

std::string scaled(double value, const std::vector<const char*>& units) {
  std::size_t unit = 0;
  while (unit + 1 < units.size() && value >= 999.5) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, units[unit]);
}

}  // namespace

int display_width(const std::string& text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text, at);
    width += point.bytes == 1 ? 1 : width_of(point.value);
    at += point.bytes;
  }
  return width;
}

void TextTable::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size())
    throw std::logic_error("a table row has another number of cells than its header");
  rows_.push_back(std::move(cells));
}

std::string TextTable::render() const {
  std::vector<std::string> header;
  for (const Column& column : columns_) header.push_back(column.title);
  std::vector<int> widths(columns_.size(), 0);
  const auto measure = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], display_width(cells[i]));
  };
  measure(header);
  for (const auto& row : rows_) measure(row);
  measure(footer_);

  std::string text;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(static_cast<std::size_t>(widths[i] - display_width(cells[i])), ' ');
      out += (i == 0 ? "" : kGap);
      out += columns_[i].align == Align::right ? padding + cells[i] : cells[i] + padding;
    }
    text += out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
  };
  const auto rule = [&] {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i != 0) text += "──";
      for (int w = 0; w < widths[i]; ++w) text += "─";
    }
    text += "\n";
  };
  line(header);
  rule();
  for (const auto& row : rows_) line(row);
  if (!footer_.empty()) {
    rule();
    line(footer_);
  }
  return text;
}

std::string with_commas(unsigned long long number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string percent_text(double part) { return fmt::format("{:.1f} %", 100 * part); }

std::string energy_text(double picojoules) { return scaled(picojoules, {"pJ", "nJ", "µJ", "mJ", "J"}); }

std::string time_text(double nanoseconds) { return scaled(nanoseconds, {"ns", "µs", "ms", "s"}); }

}  // namespace flexcim
