// What the fuzz targets share. Each is a file NAME_fuzz.cpp with libFuzzer's entry point: clang links it with libFuzzer
// (preset fuzz, scripts/fuzz), the tests with replay_main.cpp, which shows it the inputs of its corpus.
#pragma once

#include "flow/base/error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

/// Of any bytes whatever. Returns 0, or does not return.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace flexcim::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process: the product has done what it must not do.
[[noreturn]] void finding(const std::string& what);

/// Whether `read` takes what it reads. It may refuse it by an InputError: one of at most 64 KiB that holds `names`, the
/// name of the file; everything else is a finding.
bool takes(const std::string& names, const std::function<void()>& read);

/// An input that stands for several files: a line "==== NAME" begins each.
std::map<std::string, std::string> files_in(std::string_view input);

/// A safetensors file of a header, up to the first zero byte of the input, and data, behind it. The length in front is
/// right, so that changes of the header reach whoever reads it.
std::string safetensors_of(std::string_view input);

/// What a fuzzer drives a device with: numbers out of the input, zeros behind its end.
class Numbers {
 public:
  explicit Numbers(std::string_view input) : rest_(input) {}
  bool empty() const { return rest_.empty(); }
  std::uint64_t next(unsigned bytes);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace flexcim::fuzz
