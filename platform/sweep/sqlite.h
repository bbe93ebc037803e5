// SQLite (https://www.sqlite.org) with C++ lifetimes and errors that name the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace flexcim {

class SqliteStatement;

/// An open database file. Every function throws std::system_error with the file's name: EBUSY where another program
/// keeps it locked for a minute, ENOSPC where the disk is full.
class SqliteDatabase {
 public:
  enum class Mode { read, create };
  /// Throws InputError where `file` is there and no database. To read, too, it is opened for writing where it may be:
  /// the transaction that a killed process has left in its midst is undone, without which nobody can read it.
  SqliteDatabase(std::filesystem::path file, Mode mode);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// Statements without results.
  void run(const std::string& sql);
  SqliteStatement prepare(const std::string& sql) const;
  const std::filesystem::path& file() const { return file_; }

 private:
  friend class SqliteStatement;
  struct Close {
    void operator()(sqlite3* database) const;
  };
  [[noreturn]] void fail(int code) const;

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// A statement with its values; those of its results are of the row that step() came to. Outlived by its database.
class SqliteStatement {
 public:
  /// `index`: from 1.
  void bind(int index, std::uint64_t value);
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind_nothing(int index);

  /// Whether there is a row.
  bool step();
  /// Runs it to its end and makes it ready for other values.
  void run();

  // Columns are counted from 0.
  bool is_nothing(int column) const;
  bool is_number(int column) const;  ///< and no whole one
  std::uint64_t whole(int column) const;
  double number(int column) const;
  std::string text(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(const SqliteDatabase& database, sqlite3_stmt* statement)
      : database_(&database), statement_(statement) {}

  const SqliteDatabase* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// A transaction that is undone unless it is committed.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteDatabase& database);
  ~SqliteTransaction();
  SqliteTransaction(const SqliteTransaction&) = delete;
  SqliteTransaction& operator=(const SqliteTransaction&) = delete;
  void commit();

 private:
  SqliteDatabase& database_;
  bool open_ = true;
};

/// As a name in SQL: "a ""b""".
std::string sql_name(std::string_view name);

}  // namespace flexcim
