// A Verilated macro from a shared library, loaded while the program runs (docs/your_rtl.md).
#pragma once

#include "rtl_models/verilated/flexcim_rtl.h"
#include "rtl_models/verilated/macro_interface.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// What scripts/verilate has made. Stays loaded until the process ends.
class RtlLibrary {
 public:
  /// Loads `path` and compares it with `interface`. Throws InputError that names the library and: that it cannot be
  /// loaded, another version of the C interface, each parameter of another value, each pin that is missing, of another
  /// width or direction, each input that nobody would drive.
  RtlLibrary(const std::string& path, const MacroInterface& interface);

  const MacroInterface& interface() const { return interface_; }
  std::string top() const { return table_->top; }

 private:
  friend class RtlInstance;
  std::string problems() const;
  /// The number of a pin, -1 where there is none of this name.
  int find(const std::string& name) const;

  std::string path_;
  MacroInterface interface_;
  const flexcim_rtl* table_ = nullptr;
};

/// The bits of a pin.
struct PinBits {
  std::uint8_t* bytes = nullptr;
  int bits = 0;

  void set(std::uint32_t value) { put(0, bits, value); }
  /// Bits offset .. offset + width - 1 inside of the pin, width at most 32.
  void put(int offset, int width, std::uint32_t value);
  std::uint32_t get(int offset, int width) const;
  std::int32_t get_signed(int offset, int width) const;
  bool high() const { return (*bytes & 1) != 0; }
};

/// One macro of a library.
class RtlInstance {
 public:
  /// `library` outlives it. Its registers start with random values that follow from `seed`.
  RtlInstance(const RtlLibrary& library, std::uint32_t seed);
  ~RtlInstance();
  RtlInstance(const RtlInstance&) = delete;
  RtlInstance& operator=(const RtlInstance&) = delete;

  /// Of a documented pin, or none (null bytes) for `swap` and `swap_ready` without shadow cells.
  PinBits pin(const std::string& name) const;
  void eval() { table_.eval(macro_); }
  /// As in flexcim_rtl.h: null while it goes on.
  const char* failure() const { return table_.failure(macro_); }

  /// As in flexcim_rtl.h. Throws std::system_error naming the file that cannot be opened.
  void open_dump(const std::string& path, int levels);
  void dump(std::uint64_t picoseconds) { table_.dump(macro_, picoseconds); }
  void close_dump() { table_.close_dump(macro_); }

 private:
  const RtlLibrary& library_;
  const flexcim_rtl& table_;
  void* macro_;
};

}  // namespace flexcim
