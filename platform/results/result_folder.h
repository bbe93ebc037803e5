// The folder of results: a run's files and nobody else's.
#pragma once

#include "flow/base/locked_file.h"
#include "flow/base/unfinished.h"
#include "platform/results/result_record.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// Files are written into a hidden folder inside of the target and take their places at the end, which replaces or
/// removes the files of the run before; summary.json goes first and comes last. What is not committed leaves nothing
/// behind, neither a target nor its parents that were not there before. A file in the target, .flexcim-results, lists
/// what runs wrote, and is locked as long as a run is under way. What is not on that list, or has been changed since,
/// is somebody's work: it is never touched. Hidden files of others do not count.
class ResultFolder {
 public:
  /// `inputs`: files that the run reads. Throws InputError naming `target` and the reason: it holds other files, or
  /// files of ours that have been changed, or one of `inputs`; another run is writing into it; it cannot be made.
  explicit ResultFolder(const std::filesystem::path& target, const std::vector<std::filesystem::path>& inputs = {});
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  /// Where to write files. No folders: they would not be moved.
  const std::filesystem::path& path() const { return working_; }
  const std::filesystem::path& target() const { return target_; }
  /// Puts the files in place. Returns a line for each file of others that has come into their places in the meantime:
  /// it is kept under a free name. Throws std::system_error naming the target.
  std::vector<std::string> commit();

 private:
  /// Taken away in the reverse order, as they lie in each other.
  struct Made {
    std::vector<std::unique_ptr<Unfinished>> things;
    ~Made() {
      while (!things.empty()) things.pop_back();
    }
    void keep_all() {
      for (const auto& each : things) each->keep();
    }
  };

  void make_folder(const std::filesystem::path& folder);
  void open_record();
  void require_ours() const;
  void require_no_input(const std::vector<std::filesystem::path>& inputs) const;
  void make_working();
  bool ours(const std::string& name) const;
  void move_in(const std::string& name, std::vector<std::string>& kept);

  std::filesystem::path target_;
  std::filesystem::path working_;
  std::optional<LockedFile> record_file_;
  std::vector<ResultRecord> records_;  ///< of earlier runs
  Made made_;
  std::optional<Unfinished> unfinished_;  ///< working_
};

}  // namespace flexcim
