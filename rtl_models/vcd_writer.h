// Value change dump, IEEE 1364-2005 §18, with GTKWave's string variables.
#pragma once

#include "flow/map/tile.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

namespace flexcim {

/// Writes one file. Variables are declared before the first time; times are in picoseconds and do not decrease.
class VcdWriter {
 public:
  enum class Type { wire, text, real };

  /// Throws InputError naming the file if it cannot be created.
  explicit VcdWriter(const std::string& path);
  ~VcdWriter();
  VcdWriter(const VcdWriter&) = delete;
  VcdWriter& operator=(const VcdWriter&) = delete;

  /// `scope`: module names joined by dots. `width` in bits, of wires, 1..256. Returns the variable's number.
  int declare(const std::string& scope, const std::string& name, Type type, int width);

  void time(std::uint64_t picoseconds);
  void change(int variable, std::int64_t value);       ///< two's complement, the lowest `width` bits
  void change(int variable, const ColumnMask& value);  ///< the lowest `width` bits
  void change(int variable, const char* text);         ///< no white space
  void change(int variable, double value);

  /// Writes what is left. Throws InputError naming the file if that or an earlier write failed.
  void close();

 private:
  struct Variable {
    std::string scope, name;
    Type type;
    int width;
    std::string id;
  };

  void write_header();
  void put(const std::string& text) { buffer_ += text; }
  void flush_if_long();

  std::string path_;
  std::ofstream file_;
  std::string buffer_;
  std::vector<Variable> variables_;
  bool header_written_ = false;
  std::uint64_t time_ = 0;
  std::uint64_t time_written_ = ~std::uint64_t{0};
};

}  // namespace flexcim
