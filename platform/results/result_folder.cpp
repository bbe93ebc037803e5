#include "platform/results/result_folder.h"

#include "flow/error.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <unistd.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMarker = ".flexcim-results";  // tells a folder of ours from one that must not be touched

fs::path sibling(const fs::path& target, const std::string& what) {
  return target.parent_path() / ("." + target.filename().string() + "." + what + "-" + std::to_string(getpid()));
}

void require_replaceable(const fs::path& target) {
  std::error_code error;
  if (!fs::exists(target, error)) return;
  if (!fs::is_directory(target, error)) throw InputError(target.string() + ": is a file, results need a folder");
  if (fs::is_empty(target, error) || fs::exists(target / kMarker, error)) return;
  throw InputError(target.string() + ": holds other files than earlier results, it is not overwritten");
}

}  // namespace

ResultFolder::ResultFolder(const fs::path& target) : target_(fs::absolute(target).lexically_normal()) {
  if (!target_.has_filename()) target_ = target_.parent_path();  // "out/" names the folder "out"
  require_replaceable(target_);
  working_ = sibling(target_, "partial");
  for (fs::path parent = target_.parent_path(); !fs::exists(parent); parent = parent.parent_path())
    made_.push_back(parent);
  std::reverse(made_.begin(), made_.end());
  std::error_code error;
  fs::remove_all(working_, error);
  fs::create_directories(working_, error);
  std::ofstream marker(working_ / kMarker);
  marker << "A result folder of flexcim; it is replaced by the next run.\n";
  if (error || !marker.flush()) throw InputError(target_.string() + ": cannot be written");
}

ResultFolder::~ResultFolder() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove_all(working_, ignored);
  for (auto parent = made_.rbegin(); parent != made_.rend(); ++parent) fs::remove(*parent, ignored);  // only if empty
}

void ResultFolder::commit() {
  const fs::path old = sibling(target_, "old");
  std::error_code error;
  require_replaceable(target_);
  const bool replaces = fs::exists(target_, error);
  if (replaces) fs::rename(target_, old, error);
  if (!error) fs::rename(working_, target_, error);
  if (error) {
    std::error_code ignored;
    if (replaces && !fs::exists(target_, ignored)) fs::rename(old, target_, ignored);
    throw InputError(target_.string() + ": cannot be replaced: " + error.message());
  }
  committed_ = true;
  if (replaces) fs::remove_all(old, error);
}

}  // namespace flexcim
