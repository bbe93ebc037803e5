// A file that one process at a time may have open.
#pragma once

#include <string>

namespace flexcim {

/// Opens a file for reading and writing, creates it if it is missing, and locks it for this process until it is closed.
/// The lock goes when the process dies, also on another computer. Symbolic links are not followed.
class LockedFile {
 public:
  /// Throws std::system_error naming `path`: with errc::device_or_resource_busy where another process has it.
  explicit LockedFile(const std::string& path);
  ~LockedFile();
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

  int descriptor() const { return file_; }
  /// False on a filesystem without locks: there is no knowing whether others have it.
  bool locked() const { return locked_; }

 private:
  int file_ = -1;
  bool locked_ = true;
};

}  // namespace flexcim
