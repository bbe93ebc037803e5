#include "flow/base/locked_file.h"

#include "flow/base/error.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flexcim {
namespace {

/// Whether `path` still names the open file: another process may have removed it between opening and locking.
bool names(const std::string& path, int file) {
  struct stat opened {
  }, found{};
  return ::fstat(file, &opened) == 0 && ::lstat(path.c_str(), &found) == 0 && opened.st_dev == found.st_dev &&
         opened.st_ino == found.st_ino;
}

}  // namespace

LockedFile::LockedFile(const std::string& path) {
  while (true) {
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file_ < 0) throw_system_error(errno, path + ": cannot be written");
    locked_ = ::flock(file_, LOCK_EX | LOCK_NB) == 0;
    if (!locked_ && errno == EWOULDBLOCK) {
      ::close(file_);
      throw_system_error(EBUSY, path + ": another process is writing it");
    }
    if (names(path, file_)) return;
    ::close(file_);
  }
}

LockedFile::~LockedFile() { ::close(file_); }

}  // namespace flexcim
