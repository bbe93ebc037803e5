// The folder of a sweep, for one command at a time.
#pragma once

#include "flow/base/locked_file.h"
#include "flow/base/unfinished.h"
#include "platform/sweep/sweep_identity.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

namespace flexcim {

/// The databases of shards in a folder, sorted. `error`: why it cannot be read.
std::vector<std::filesystem::path> shard_files(const std::filesystem::path& folder, std::error_code& error);

class SweepFolder {
 public:
  /// Makes the folder where there is none. Throws InputError naming it: it cannot be written, it has files that are
  /// called like those of a sweep without a sweep, another command is at the same sweep or shard in it.
  SweepFolder(std::filesystem::path path, const Shard& shard);
  ~SweepFolder();
  SweepFolder(const SweepFolder&) = delete;
  SweepFolder& operator=(const SweepFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// For what simulations do not keep in memory: whatever is in it goes with this object.
  const std::filesystem::path& scratch() const { return scratch_; }
  /// Of the file that other commands look at: open in no other process.
  int lock() const { return lock_->descriptor(); }

 private:
  const std::filesystem::path path_;
  const std::filesystem::path scratch_;
  std::optional<LockedFile> lock_;
  std::optional<Unfinished> lock_file_;
};

}  // namespace flexcim
