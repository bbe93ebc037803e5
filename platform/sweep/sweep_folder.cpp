#include "platform/sweep/sweep_folder.h"

#include "flow/base/error.h"
#include "platform/sweep/sweep_export.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

void require_no_strangers(const fs::path& folder, const Shard& shard) {
  std::error_code error;
  if (!shard.whole() || fs::exists(folder / shard.file_name(), error)) return;
  for (const char* name : {kPointsCsv, kPointsJsonl}) {
    if (!fs::exists(fs::symlink_status(folder / name, error))) continue;
    throw InputError(
        fmt::format("{}: holds a {} but no {}: it is of something else and is not overwritten; choose "
                    "another folder",
                    folder.string(), name, shard.file_name()));
  }
}

fs::path hidden(const fs::path& folder, const Shard& shard, const char* what) {
  return fs::absolute(folder) / fmt::format(".{}.{}", fs::path(shard.file_name()).stem().string(), what);
}

}  // namespace

std::vector<fs::path> shard_files(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("shard-", 0) == 0 && entry.path().extension() == ".sqlite") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

SweepFolder::SweepFolder(fs::path path, const Shard& shard)
    : path_(std::move(path)), scratch_(hidden(path_, shard, "scratch")) {
  try {
    require_no_strangers(path_, shard);
    fs::create_directories(path_);
    const fs::path lock = hidden(path_, shard, "lock");
    lock_.emplace(lock.string());
    lock_file_.emplace(lock.string(), Unfinished::Kind::file);
    fs::remove_all(scratch_);  // of a command that was killed
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::device_or_resource_busy) {
      throw InputError(fmt::format("{}: another command is at this sweep", path_.string()));
    }
    throw InputError(fmt::format("{}: cannot be written: {}", path_.string(), error.code().message()));
  }
}

SweepFolder::~SweepFolder() {
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

}  // namespace flexcim
