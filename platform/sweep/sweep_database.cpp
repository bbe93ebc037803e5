#include "platform/sweep/sweep_database.h"

#include "platform/results/point_metrics.h"

#include <algorithm>
#include <fmt/format.h>
#include <system_error>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr int kFixedColumns = 3;  // point, status, reason
constexpr int kFinished = 1;      // user_version of a file whose points are all there and in order

bool is_whole(const Column<PointFigures>& metric) {
  return std::holds_alternative<std::uint64_t>(metric.get(PointFigures()));
}

/// Axes have the type NUMERIC: what reads as a number is one.
std::string points_table(const std::vector<std::string>& columns) {
  std::string sql = "CREATE TABLE points(point INTEGER PRIMARY KEY, status TEXT NOT NULL, reason TEXT";
  for (const std::string& column : columns) sql += ", " + sql_name(column) + " NUMERIC";
  for (const auto& metric : point_metrics()) {
    sql += fmt::format(", {} {}", sql_name(metric.name), is_whole(metric) ? "INTEGER" : "REAL");
  }
  return sql + ")";
}

template <class... Values>
void insert(const SqliteDatabase& database, const char* table, const Values&... values) {
  std::string places;
  for (std::size_t i = 0; i < sizeof...(values); ++i) places += i == 0 ? "?" : ", ?";
  SqliteStatement statement = database.prepare(fmt::format("INSERT INTO {} VALUES({})", table, places));
  int index = 0;
  (statement.bind(++index, values), ...);
  statement.run();
}

void make_tables(SqliteDatabase& database, const SweepIdentity& identity, const Shard& shard) {
  SqliteTransaction transaction(database);
  database.run("CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  database.run("CREATE TABLE axes(axis INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  database.run("CREATE TABLE objectives(objective INTEGER PRIMARY KEY, metric TEXT NOT NULL, best TEXT NOT NULL)");
  database.run("CREATE TABLE metrics(metric TEXT PRIMARY KEY, unit TEXT NOT NULL, meaning TEXT NOT NULL)");
  database.run(points_table(identity.columns));
  insert(database, "sweep", std::string("schema_version"), fmt::format("{}", kSweepSchema));
  insert(database, "sweep", std::string("program_version"), identity.version);
  insert(database, "sweep", std::string("name"), identity.name);
  insert(database, "sweep", std::string("hash"), identity.hash);
  insert(database, "sweep", std::string("scenario"), identity.scenario);
  insert(database, "sweep", std::string("points"), fmt::format("{}", identity.points));
  if (!shard.whole()) insert(database, "sweep", std::string("shard"), shard.text());
  for (std::size_t i = 0; i < identity.columns.size(); ++i) insert(database, "axes", i, identity.columns[i]);
  for (std::size_t i = 0; i < identity.objectives.size(); ++i) {
    const Objective& objective = identity.objectives[i];
    insert(database, "objectives", i, objective.metric, std::string(objective.maximize ? "most" : "least"));
  }
  for (const auto& metric : point_metrics()) {
    insert(database, "metrics", metric.name, metric.unit, metric.description);
  }
  transaction.commit();
}

int user_version(const SqliteDatabase& database) {
  SqliteStatement version = database.prepare("PRAGMA user_version");
  version.step();
  return static_cast<int>(version.whole(0));
}

bool has_tables(const SqliteDatabase& database) {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'sweep'").step();
}

std::optional<std::string> value_of(const SqliteDatabase& database, std::string_view key) {
  SqliteStatement statement = database.prepare("SELECT value FROM sweep WHERE key = ?");
  statement.bind(1, key);
  if (!statement.step()) return std::nullopt;
  return statement.text(0);
}

/// Back to one file, as far as no other program has it open.
bool leave_log_ahead(const SqliteDatabase& database) {
  SqliteStatement mode = database.prepare("PRAGMA journal_mode = DELETE");
  try {
    return mode.step() && mode.text(0) == "delete";
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::device_or_resource_busy) return false;
    throw;
  }
}

void bind_value(SqliteStatement& statement, int index, const ColumnValue& value) {
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return statement.bind(index, *count);
  if (const auto* energy = std::get_if<ColumnEnergy>(&value)) {
    return statement.bind(index, picojoules(energy->femtojoules));
  }
  statement.bind(index, std::get<double>(value));
}

}  // namespace

SweepDatabase::SweepDatabase(const fs::path& folder, const SweepIdentity& identity, const Shard& shard)
    : database_(
          [&] {
            fs::path file = folder / shard.file_name();
            stored_sweep(file, identity);  // before it is opened for writing
            return file;
          }(),
          SqliteDatabase::Mode::create),
      columns_(identity.columns.size()) {
  finished_ = user_version(database_) == kFinished;
  if (!finished_) {
    // A log ahead is for processes of one computer, and shards are looked at from others.
    database_.run(shard.whole() ? "PRAGMA journal_mode = WAL" : "PRAGMA journal_mode = DELETE");
    database_.run("PRAGMA synchronous = NORMAL");
    if (!has_tables(database_)) make_tables(database_, identity, shard);
  }
  for (const Objective& objective : identity.objectives) objectives_.push_back(*metric_index(objective.metric));
  std::string places = "?, ?, ?";
  for (std::size_t i = 0; i < columns_ + point_metrics().size(); ++i) places += ", ?";
  insert_.emplace(database_.prepare("INSERT INTO points VALUES(" + places + ")"));
}

void SweepDatabase::add(const std::vector<PointRow>& rows) {
  SqliteTransaction transaction(database_);
  for (const PointRow& row : rows) {
    const PointResult& result = row.result;
    insert_->bind(1, result.point);
    insert_->bind(2, to_string(result.status));
    const bool ok = result.status == PointStatus::ok;
    if (ok) {
      insert_->bind_nothing(3);
    } else {
      insert_->bind(3, std::string_view(result.reason));
    }
    int index = kFixedColumns;
    for (const std::string& value : row.values) insert_->bind(++index, std::string_view(value));
    for (const auto& metric : point_metrics()) {
      ++index;
      if (ok) {
        bind_value(*insert_, index, metric.get(result.figures));
      } else {
        insert_->bind_nothing(index);
      }
    }
    insert_->run();
  }
  transaction.commit();
}

void SweepDatabase::for_each(const std::function<void(std::uint64_t, PointStatus, const std::vector<double>&)>& body) {
  std::string sql = "SELECT point, status";
  for (const std::size_t metric : objectives_) sql += ", " + sql_name(point_metrics()[metric].name);
  SqliteStatement statement = database_.prepare(sql + " FROM points ORDER BY point");
  while (statement.step()) {
    const PointStatus status = status_of(statement.text(1));
    std::vector<double> values;
    for (std::size_t i = 0; status == PointStatus::ok && i < objectives_.size(); ++i) {
      values.push_back(statement.number(static_cast<int>(i) + 2));
    }
    body(statement.whole(0), status, values);
  }
}

void SweepDatabase::add_from(const fs::path& other) {
  SqliteStatement attach = database_.prepare("ATTACH ? AS other");
  attach.bind(1, std::string_view(other.native()));
  attach.run();
  database_.run("INSERT OR IGNORE INTO points SELECT * FROM other.points ORDER BY point");
  database_.run("DETACH other");
}

void SweepDatabase::finish() {
  insert_.reset();
  if (finished_) return;
  if (!leave_log_ahead(database_)) return;
  const fs::path ordered = database_.file().parent_path() / ("." + database_.file().filename().string() + ".ordered");
  fs::remove(ordered);
  SqliteStatement vacuum = database_.prepare("VACUUM INTO ?");
  vacuum.bind(1, std::string_view(ordered.native()));
  vacuum.run();
  SqliteDatabase(ordered, SqliteDatabase::Mode::create).run(fmt::format("PRAGMA user_version = {}", kFinished));
  fs::rename(ordered, database_.file());
}

StoredSweep read_sweep(const SqliteDatabase& database) {
  const std::string file = database.file().string();
  if (!has_tables(database)) throw InputError(file + ": is no database of a sweep");
  const auto required = [&](std::string_view key) {
    const std::optional<std::string> value = value_of(database, key);
    if (!value) throw InputError(fmt::format("{}: its table sweep has no {}", file, key));
    return *value;
  };
  if (const std::string version = required("schema_version"); version != fmt::format("{}", kSweepSchema)) {
    throw InputError(fmt::format("{}: has schema_version {}, this program reads {}", file, version, kSweepSchema));
  }
  StoredSweep stored;
  stored.identity.name = required("name");
  stored.identity.version = required("program_version");
  stored.identity.hash = required("hash");
  stored.identity.scenario = required("scenario");
  try {
    stored.identity.points = std::stoull(required("points"));
  } catch (const std::logic_error&) {
    throw InputError(file + ": its table sweep has no number of points");
  }
  if (const auto shard = value_of(database, "shard")) stored.shard = parse_shard(*shard);
  for (auto row = database.prepare("SELECT name FROM axes ORDER BY axis"); row.step();) {
    stored.identity.columns.push_back(row.text(0));
  }
  for (auto row = database.prepare("SELECT metric, best FROM objectives ORDER BY objective"); row.step();) {
    stored.identity.objectives.push_back({row.text(0), row.text(1) == "most"});
  }
  SqliteStatement count = database.prepare("SELECT count(*) FROM points");
  count.step();
  stored.points = count.whole(0);
  return stored;
}

std::optional<StoredSweep> stored_sweep(const fs::path& file, const SweepIdentity& identity) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::nullopt;
  const SqliteDatabase database(file, SqliteDatabase::Mode::read);
  if (!database.prepare("SELECT 1 FROM sqlite_schema").step()) return std::nullopt;
  StoredSweep stored = read_sweep(database);
  if (stored.identity.hash == identity.hash) return stored;
  throw InputError(
      fmt::format("{}: is of another sweep, \"{}\": its scenario or a file of it differs; choose another "
                  "folder",
                  file.string(), stored.identity.name));
}

SqliteStatement good_points(const SqliteDatabase& database, const SweepIdentity& identity,
                            const std::vector<std::string>& metrics) {
  std::string sql = "SELECT point";
  for (const std::string& axis : identity.columns) sql += ", " + sql_name(axis);
  for (const std::string& metric : metrics) sql += ", " + sql_name(metric);
  return database.prepare(sql + " FROM points WHERE status = 'ok' ORDER BY point");
}

}  // namespace flexcim
