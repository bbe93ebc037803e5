// The database of a sweep: docs/sweeps.md has its schema.
#pragma once

#include "platform/sweep/point_result.h"
#include "platform/sweep/sqlite.h"
#include "platform/sweep/sweep_identity.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// What is left as it is where a reader of the version before would read it wrong: its tables and their columns.
inline constexpr int kSweepSchema = 1;

class SweepDatabase {
 public:
  /// Opens the sweep's database in `folder`, or makes one. Throws InputError naming it where it is another sweep's or
  /// none at all; then nothing has been changed.
  SweepDatabase(const std::filesystem::path& folder, const SweepIdentity& identity, const Shard& shard);

  /// Adds points that are not in it, all or none.
  void add(const std::vector<PointRow>& rows);
  /// Calls `body` with every point that is in it and, where it is ok, the values of the objectives; by number.
  void for_each(const std::function<void(std::uint64_t point, PointStatus status, const std::vector<double>&)>& body);
  /// Adds the points of another one, which has the same tables, that are not in it.
  void add_from(const std::filesystem::path& other);
  const SqliteDatabase& database() const { return database_; }
  /// Rewrites it with points in the order of their numbers, so that equal sweeps are equal files, and closes it. Where
  /// another program is reading it, it stays as it is. Nothing can be done with it afterwards.
  void finish();

 private:
  SqliteDatabase database_;
  std::size_t columns_;  ///< of axes
  std::vector<std::size_t> objectives_;
  bool finished_ = false;  ///< by an earlier command
  std::optional<SqliteStatement> insert_;
};

/// A database that is there: of the whole, or a shard.
struct StoredSweep {
  SweepIdentity identity;
  Shard shard;
  std::uint64_t points = 0;  ///< that it has
};

/// Throws InputError naming the file where it is no sweep, or one of another version.
StoredSweep read_sweep(const SqliteDatabase& database);
/// Of a file; nothing where there is none, or nothing in it yet. Throws InputError also where it is of another sweep.
std::optional<StoredSweep> stored_sweep(const std::filesystem::path& file, const SweepIdentity& identity);

/// The points that are ok, by number, a row each: the number, the values of the axes, those of `metrics`.
SqliteStatement good_points(const SqliteDatabase& database, const SweepIdentity& identity,
                            const std::vector<std::string>& metrics);

}  // namespace flexcim
