// Files that are written whole or not at all.
#pragma once

#include "flow/base/locked_file.h"
#include "flow/base/unfinished.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flexcim {

/// `path` with the symbolic links at its end followed, also to a file that does not exist yet. A path whose links form
/// a circle is returned as it is.
std::string followed_links(const std::string& path);

/// A file that is written under a hidden name beside `path` and moved to `path` by finish(). Without finish() nothing
/// is left behind and an older file stays as it was. Where `path` is a symbolic link, the link stays and the file that
/// it leads to is replaced. Every function throws std::system_error that names `path` and says why it cannot be
/// written.
class OutputFile {
 public:
  explicit OutputFile(const std::string& path);

  void write(const void* data, std::size_t bytes, std::uint64_t offset);
  /// Writes behind what was appended so far.
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

/// Writes a text file, whole or not at all. A device or a pipe is written to directly.
void write_text_file(const std::string& path, std::string_view text);

}  // namespace flexcim
