// Files that are written whole or not at all.
#pragma once

#include "flow/base/locked_file.h"
#include "flow/base/unfinished.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flexcim {

/// Where `path` leads: symbolic links at its end are followed, also to a file that is not there yet. Not a path whose
/// links go round in a circle: it stays as it is.
std::string followed_links(const std::string& path);

/// A file that is written beside its place, under a hidden name, and takes its place when it is finished; what is not
/// finished leaves nothing behind and the file in its place as it was. A symbolic link in its place stays: the file
/// that it leads to is replaced. Everything throws std::system_error that names `path` and says why it cannot be
/// written.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);

  void write(const void* data, std::size_t bytes, std::uint64_t offset);
  /// Behind what was appended so far.
  void append(const void* data, std::size_t bytes);
  /// Puts it in its place.
  void finish();

 private:
  [[noreturn]] void fail(int error) const;

  const std::string path_;
  const std::string place_;    ///< where path_ leads
  const std::string partial_;  ///< in the same folder
  std::optional<LockedFile> file_;
  std::optional<Unfinished> unfinished_;
  std::uint64_t appended_ = 0;
};

/// Writes a text file, whole or not at all; into a device or a pipe as it is.
void write_text_file(const std::string& path, std::string_view text);

}  // namespace flexcim
