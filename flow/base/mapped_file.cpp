#include "flow/base/mapped_file.h"

#include "flow/base/error.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flexcim {
namespace {

std::size_t page_bytes() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  // Non-blocking, so that opening a named pipe by mistake does not wait for a writer.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0) throw InputError(path + ": cannot be opened: " + std::strerror(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    throw InputError(path + ": is not a regular file");
  }
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ == 0) return;
  void* mapping = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
  if (mapping == MAP_FAILED) {
    const int reason = errno;
    ::close(descriptor_);
    throw InputError(path + ": cannot be mapped: " + std::strerror(reason));
  }
  data_ = static_cast<const std::byte*>(mapping);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool MappedFile::map_over(void* place, std::size_t offset, std::size_t bytes) const {
  const std::size_t page = page_bytes();
  if (reinterpret_cast<std::uintptr_t>(place) % page != 0 || offset % page != 0) return false;
  if (bytes == 0 || offset > size_ || bytes > size_ - offset) return false;
  const void* mapped =
      ::mmap(place, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, descriptor_, static_cast<off_t>(offset));
  return mapped != MAP_FAILED;
}

void MappedFile::release(const void* first, std::size_t bytes) const {
  const std::size_t page = page_bytes();
  const std::size_t before = (page - reinterpret_cast<std::uintptr_t>(first) % page) % page;  // up to a whole page
  if (bytes < before + page) return;
  auto* begin = const_cast<std::byte*>(static_cast<const std::byte*>(first)) + before;
  ::madvise(begin, (bytes - before) / page * page, MADV_DONTNEED);
}

}  // namespace flexcim
