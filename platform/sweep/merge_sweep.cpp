#include "platform/sweep/merge_sweep.h"

#include "flow/base/error.h"
#include "platform/sweep/sweep_folder.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 10;

struct ShardFile {
  fs::path file;
  StoredSweep sweep;
};

std::vector<ShardFile> read_shards(const std::vector<fs::path>& folders) {
  std::vector<ShardFile> shards;
  for (const fs::path& folder : folders) {
    std::error_code error;
    const std::vector<fs::path> files = shard_files(folder, error);
    if (error) throw InputError(fmt::format("{}: {}", folder.string(), error.message()));
    if (files.empty()) throw InputError(folder.string() + ": has no shards (shard-I-of-N.sqlite)");
    for (const fs::path& file : files) {
      shards.push_back({file, read_sweep(SqliteDatabase(file, SqliteDatabase::Mode::read))});
    }
  }
  return shards;
}

void require_one_sweep(const std::vector<ShardFile>& shards) {
  const ShardFile& first = shards.front();
  for (const ShardFile& each : shards) {
    if (each.sweep.identity.hash != first.sweep.identity.hash) {
      throw InputError(fmt::format("{}: is of another sweep than {}", each.file.string(), first.file.string()));
    }
    if (each.sweep.shard.count != first.sweep.shard.count) {
      throw InputError(fmt::format("{}: is one of {} shards, {} one of {}", each.file.string(), each.sweep.shard.count,
                                   first.file.string(), first.sweep.shard.count));
    }
  }
}

/// Names what there is too little of.
void require_all(const std::vector<ShardFile>& shards) {
  const StoredSweep& first = shards.front().sweep;
  std::map<std::uint64_t, std::uint64_t> points;  // by shard, of the fullest file
  for (const ShardFile& each : shards) {
    std::uint64_t& most = points[each.sweep.shard.index];
    most = std::max(most, each.sweep.points);
  }
  std::vector<std::string> lacking;
  for (std::uint64_t index = 0; index < first.shard.count && lacking.size() <= kMostNamed; ++index) {
    const Shard shard{index, first.shard.count};
    const auto found = points.find(index);
    const std::uint64_t wanted = shard.points_of(first.identity.points);
    if (found == points.end()) {
      lacking.push_back(fmt::format("shard {} is missing", shard.text()));
    } else if (found->second < wanted) {
      lacking.push_back(fmt::format("shard {} has {} of {} points", shard.text(), found->second, wanted));
    }
  }
  if (lacking.empty()) return;
  if (lacking.size() > kMostNamed) lacking.back() = "and more";
  throw InputError(fmt::format("{}: {}", shards.front().file.parent_path().string(), fmt::join(lacking, ", ")));
}

}  // namespace

SweepSummary merge_sweep(const std::vector<fs::path>& folders, const fs::path& out) {
  const std::vector<ShardFile> shards = read_shards(folders);
  require_one_sweep(shards);
  require_all(shards);
  const SweepIdentity& identity = shards.front().sweep.identity;
  const SweepFolder folder(out, Shard());
  SweepDatabase database(folder.path(), identity, Shard());
  for (const ShardFile& each : shards) database.add_from(each.file);
  return finish_sweep(database, identity, Shard());
}

}  // namespace flexcim
