#include "rtl_models/trace/trace_spool.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/mman.h>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr std::size_t kInMemory = std::size_t{1} << 20;  ///< stays in a processor's cache

}  // namespace

TraceSpool::TraceSpool(std::string target, std::size_t largest)
    : target_(std::move(target)), largest_(largest), buffer_(std::max(kInMemory, 2 * largest)) {}

TraceSpool::~TraceSpool() {
  unmap();
  if (file_ >= 0) close(file_);
}

void TraceSpool::fail(const char* what) {
  failure_ = std::error_code(errno, std::generic_category());
  failed_ = what;
}

void TraceSpool::require_kept() const {
  if (failure_) throw_system_error(failure_.value(), target_ + ": " + failed_ + " what has been recorded for it");
}

void TraceSpool::write_out() {
  const std::size_t size = used_;
  used_ = 0;
  if (failure_) return;
  if (file_ < 0) {
    std::string name = target_ + ".spool.XXXXXX";
    file_ = mkstemp(name.data());
    if (file_ < 0) return fail("cannot make a file for");
    unlink(name.c_str());
  }
  for (std::size_t at = 0; at < size;) {
    const ssize_t count = write(file_, buffer_.data() + at, size - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail("cannot keep");
    at += static_cast<std::size_t>(count);
  }
  written_ += size;
}

void TraceSpool::unmap() {
  if (mapped_ != nullptr) munmap(mapped_, written_);
  mapped_ = nullptr;
}

TraceSpool::View TraceSpool::view() {
  unmap();
  if (file_ < 0 && !failure_) return {buffer_.data(), buffer_.data() + used_};
  write_out();
  if (failure_) return {nullptr, nullptr};
  mapped_ = mmap(nullptr, written_, PROT_READ, MAP_PRIVATE, file_, 0);
  if (mapped_ == MAP_FAILED) {
    mapped_ = nullptr;
    fail("cannot read");
    return {nullptr, nullptr};
  }
  madvise(mapped_, written_, MADV_SEQUENTIAL);
  const auto* begin = static_cast<const unsigned char*>(mapped_);
  return {begin, begin + written_};
}

}  // namespace flexcim
