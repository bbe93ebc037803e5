// A file that one process at a time may have open.
#pragma once

#include <string>

namespace flexcim {

/// Opened for reading and writing, made where it is not there, and locked for this process until it is closed; the
/// system unlocks it when a process dies, on whatever computer. A symbolic link is not followed.
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
