#include "platform/sweep/sweep_in_slurm.h"

#include "platform/sweep/merge_sweep.h"
#include "platform/sweep/slurm_shards.h"
#include "platform/sweep/sweep_folder.h"
#include "platform/sweep/sweep_progress.h"

#include <algorithm>
#include <fmt/format.h>
#include <list>
#include <optional>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

/// What merging would refuse in the end is refused now.
void require_mergeable(const fs::path& folder, const SweepIdentity& identity, std::uint64_t shards) {
  stored_sweep(folder / Shard().file_name(), identity);
  std::error_code missing;  // it will be made
  for (const fs::path& file : shard_files(folder, missing)) {
    const auto stored = stored_sweep(file, identity);
    if (!stored || stored->shard.count == shards) continue;
    throw InputError(fmt::format("{}: is one of {} shards, not of {}: give --shards as then, or choose another folder",
                                 file.string(), stored->shard.count, shards));
  }
}

ShardState state_of(const fs::path& folder, const SweepIdentity& identity, const Shard& shard) {
  try {
    const auto stored = stored_sweep(folder / shard.file_name(), identity);
    if (!stored) return {};
    return {stored->points, stored->points == shard.points_of(identity.points)};
  } catch (const std::system_error&) {
    return {};  // its task has it locked, or its folder is not to be had for the moment
  }
}

/// A folder that is not there yet goes with `made` where it stays empty, and so do its parents.
void take_away_empty(const fs::path& folder, std::list<Unfinished>& made) {
  if (fs::exists(folder)) return;
  take_away_empty(folder.parent_path(), made);
  made.emplace_front(folder.string(), Unfinished::Kind::empty_folder);
}

}  // namespace

SweepSummary sweep_in_slurm(const Scenario& scenario, const SweepOptions& options, const SlurmOptions& slurm) {
  const fs::path out = fs::absolute(options.out).lexically_normal();
  const std::unique_ptr<PointSource> source = sweep_points(scenario, {0, slurm.shards});
  const SweepIdentity identity = identity_of(scenario, source->size(), options.version);
  require_mergeable(out, identity, slurm.shards);
  {
    std::list<Unfinished> made;
    take_away_empty(out, made);  // Slurm may take nothing
    const SweepFolder folder(out, Shard());
    SweepProgress progress(identity.points, identity.objectives);
    std::optional<std::uint64_t> shown;  // points
    run_in_slurm(
        {out, slurm.command, slurm.shards, static_cast<int>(options.jobs), slurm.partition},
        [&] {
          std::vector<ShardState> states;
          for (std::uint64_t i = 0; i < slurm.shards; ++i) states.push_back(state_of(out, identity, {i, slurm.shards}));
          return states;
        },
        [&](const SlurmProgress& now) {
          for (std::uint64_t i = shown.value_or(0); i < now.rows; ++i) progress.add({}, !shown);
          shown = std::max(shown.value_or(0), now.rows);
          progress.show(fmt::format("; {} of {} shards are complete, {} tasks run, {} wait", now.complete, slurm.shards,
                                    now.running, now.waiting));
        });
  }
  return merge_sweep({out}, out);
}

}  // namespace flexcim
