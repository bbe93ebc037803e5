// How a sweep ends: what came out of it, and its files.
#pragma once

#include "platform/sweep/sweep_database.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

struct SweepSummary {
  std::uint64_t ok = 0, invalid = 0, failed = 0;  ///< points
  std::vector<ReasonCount> reasons;               ///< the commonest ones
  std::vector<Objective> objectives;
  std::uint64_t front = 0;  ///< points that no other one is better than
  std::vector<std::filesystem::path> files;

  /// What the command prints.
  std::string text() const;
};

/// All points of `shard` are in the database, which is ended. Writes the files made from it where it is of the whole
/// sweep. Throws std::system_error.
SweepSummary finish_sweep(SweepDatabase& database, const SweepIdentity& identity, const Shard& shard);

}  // namespace flexcim
