// The folder of results: it holds the files of runs and touches no others.
#pragma once

#include "flow/base/locked_file.h"
#include "flow/base/unfinished.h"
#include "platform/results/result_record.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Files are written into a hidden folder inside the target. commit() moves them into place and replaces or removes the
/// files of the run before: the old summary.json goes first, the new one comes last. Without commit() nothing is left
/// behind, nor a target or parents that this object made. The file .flexcim-results in the target lists what runs
/// wrote, and is locked while a run is under way. What is not on that list, or has been changed since, is somebody's
/// work and is never touched. Hidden files of others do not count.
class ResultFolder {
 public:
  /// `inputs`: files that the run reads. Throws InputError naming `target` and the reason: it holds other files, or
  /// files of ours that have been changed, or one of `inputs`; another run is writing into it; it cannot be made.
  explicit ResultFolder(const std::filesystem::path& target, const std::vector<std::filesystem::path>& inputs = {});
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  /// Where to write files. Folders in it would not be moved.
  const std::filesystem::path& path() const { return working_; }
  const std::filesystem::path& target() const { return target_; }
  /// Puts the files in place. A foreign file that has taken one of the places in the meantime is kept under a free
  /// name; returns a line for each. Throws std::system_error naming the target.
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

/// Gives a folder of results that have no list of what wrote them (those of a sweep) an empty one, for
/// add_result_file(). Throws InputError naming the place where it cannot be written.
void begin_result_list(const std::filesystem::path& folder);

/// Puts a file made from the results in `folder` beside them, onto the list of what runs wrote: the next run replaces
/// or removes it. One of that name that is on the list is replaced. Throws InputError naming the place and the reason:
/// the folder has no list, a run is writing into it, the file that is there is not as it was left, it cannot be
/// written.
void add_result_file(const std::filesystem::path& folder, const std::string& name, std::string_view content);

}  // namespace flexcim
