// What came out of a sweep: for the terminal, when it ends, and for its page.
#pragma once

#include "platform/sweep/axis_levels.h"
#include "platform/sweep/reasons.h"
#include "platform/sweep/sensitivity.h"
#include "platform/sweep/sweep_database.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

struct SweepSummary {
  SweepIdentity identity;
  std::uint64_t ok = 0, invalid = 0, failed = 0;  ///< points
  std::vector<ReasonCount> reasons;               ///< the commonest ones
  std::vector<AxisLevels> axes;                   ///< by column: values of the points that are ok
  std::vector<std::uint64_t> front;               ///< points that no other one is better than, by number
  std::vector<Sensitivity> sensitivity;           ///< of each objective, by the axes
  std::vector<std::filesystem::path> files;

  /// What the command prints.
  std::string text() const;
};

/// Of the points that are in the database so far, without files. Throws std::system_error.
SweepSummary summarize(const SqliteDatabase& database, const SweepIdentity& identity);

/// All points of `shard` are in the database, which is ended. Writes the files made from it where it is of the whole
/// sweep. Throws std::system_error.
SweepSummary finish_sweep(SweepDatabase& database, const SweepIdentity& identity, const Shard& shard);

}  // namespace flexcim
