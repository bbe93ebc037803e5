// A whole file, readable as memory without being loaded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace flexcim {

/// A read-only memory mapping of a regular file, for as long as the object lives. Pages are shared with the system's
/// file cache, so a mapping costs no private memory. A file that is shortened by someone else while it is mapped ends
/// the program (SIGBUS), as with every memory mapping; the command line says so (platform/cli/bus_fault.h).
class MappedFile {
 public:
  /// Throws InputError that names the file if it is missing, unreadable or no regular file.
  explicit MappedFile(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }  ///< page-aligned; null for an empty file
  std::size_t size() const { return size_; }       ///< bytes
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }

  /// Puts `bytes` bytes from byte `offset` on in place of the memory at `place`, a private copy of which only what is
  /// written takes memory. False, and nothing done, unless both are multiples of a page and the bytes lie in the file;
  /// the rest of the last page is that of the file too.
  bool map_over(void* place, std::size_t offset, std::size_t bytes) const;
  /// Gives the pages that lie wholly in [first, first + bytes) back to the system; they are read again when they are
  /// next looked at.
  void release(const void* first, std::size_t bytes) const;

 private:
  int descriptor_ = -1;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace flexcim
