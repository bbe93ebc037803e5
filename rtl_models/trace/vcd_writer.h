// Value change dump, IEEE 1364-2005 §18, with GTKWave's string variables.
#pragma once

#include "flow/base/output_file.h"
#include "flow/map/tile.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

struct VcdVariable {
  enum class Type { wire, text, real };

  std::string scope;  ///< module names joined by dots
  std::string name;
  Type type = Type::wire;
  int width = 1;  ///< bits of a wire, 1..256
};

/// Writes one file, whole or not at all: it is there when close() has returned. Variables are numbered as in the list;
/// times are in picoseconds and do not decrease. Throws std::system_error naming the file where it cannot be written.
class VcdWriter {
 public:
  VcdWriter(const std::string& path, const std::vector<VcdVariable>& variables);

  void time(std::uint64_t picoseconds) { time_ = picoseconds; }
  void change(int variable, std::int64_t value);       ///< two's complement, the lowest `width` bits
  void change(int variable, const ColumnMask& value);  ///< the lowest `width` bits
  void change(int variable, const char* text);         ///< no white space
  void change(int variable, double value);

  /// Writes what is left and puts the file in place.
  void close();
  std::uint64_t bytes() const { return written_ + used_; }

 private:
  /// Of a variable, ready to be copied behind a value: space if there must be one, identifier, end of line.
  struct Ending {
    char text[8];
    std::uint8_t length;
    std::uint8_t width;  ///< of wires; 64 and more count as 64
  };

  void write_header(const std::vector<VcdVariable>& variables);
  void put(const std::string& text);
  char* room(std::size_t bytes);
  char* begin_change(std::size_t value_bytes);
  void end_change(int variable, char* at);
  void write_out();

  OutputFile file_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::uint64_t written_ = 0;
  std::vector<Ending> endings_;
  std::vector<int> widths_;
  std::uint64_t time_ = 0;
  std::uint64_t time_written_ = ~std::uint64_t{0};
};

}  // namespace flexcim
