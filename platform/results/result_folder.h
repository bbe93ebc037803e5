// The folder of results: complete or not there at all.
#pragma once

#include <filesystem>
#include <vector>

namespace flexcim {

/// Files are written into a hidden folder beside the target, which takes the target's place at the end. What is not
/// committed leaves nothing behind.
class ResultFolder {
 public:
  /// Throws InputError naming `target` if it exists and is neither empty nor an earlier result of ours, or if the
  /// folder beside it cannot be made.
  explicit ResultFolder(const std::filesystem::path& target);
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  /// Where to write.
  const std::filesystem::path& path() const { return working_; }
  const std::filesystem::path& target() const { return target_; }
  /// Puts the folder in place of the target. Throws InputError naming it where that fails.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path working_;
  std::vector<std::filesystem::path> made_;  ///< parents that were not there before, outermost first
  bool committed_ = false;
};

}  // namespace flexcim
