// Where records of a simulation wait until a file is made of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>
#include <vector>

namespace flexcim {

/// A sequence of bytes that only grows, then is read as a whole. The first megabyte stays in memory; the rest goes into
/// a file without a name: however the process ends, nothing is left behind.
class TraceSpool {
 public:
  /// `target`: the file that will be made of the records; the spool's own file lies in the same folder. `largest`: the
  /// most bytes of one append.
  TraceSpool(std::string target, std::size_t largest);
  ~TraceSpool();
  TraceSpool(const TraceSpool&) = delete;
  TraceSpool& operator=(const TraceSpool&) = delete;

  /// Room for `largest` bytes; those before the new `end` are kept.
  unsigned char* begin_append() {
    if (buffer_.size() - used_ < largest_) write_out();
    return buffer_.data() + used_;
  }
  void end_append(const unsigned char* end) { used_ = static_cast<std::size_t>(end - buffer_.data()); }

  /// Throws std::system_error if something went wrong, e.g. on a full disk; what came after that is lost.
  void require_kept() const;

  /// Everything appended so far, valid until the next append or view; nothing after a failure.
  struct View {
    const unsigned char* begin;
    const unsigned char* end;
  };
  View view();

 private:
  void write_out();
  void unmap();
  void fail(const char* what);

  std::string target_;
  std::size_t largest_;
  std::vector<unsigned char> buffer_;
  std::size_t used_ = 0;
  int file_ = -1;
  std::size_t written_ = 0;
  void* mapped_ = nullptr;
  std::error_code failure_;
  const char* failed_ = "";  ///< what was tried
};

}  // namespace flexcim
