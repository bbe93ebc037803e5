// platform/sweep/sqlite.h
#include "platform/sweep/sqlite.h"

#include "tests/platform/temp_folder.h"

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace flexcim;

TEST_CASE("SQLite: who reads a database undoes what a killed process has left half-done") {
  const TempFolder folder;
  const std::string file = folder.write("a.sqlite", "");
  SqliteDatabase(file, SqliteDatabase::Mode::create).run("CREATE TABLE t(x); INSERT INTO t VALUES(1)");
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    SqliteDatabase database(file, SqliteDatabase::Mode::create);
    database.run("PRAGMA cache_size = 1");  // so that pages are in the file before the end
    database.run(
        "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO t SELECT hex(randomblob(500)) FROM n");
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(std::filesystem::file_size(file + "-journal") > 0);
  const SqliteDatabase database(file, SqliteDatabase::Mode::read);
  SqliteStatement count = database.prepare("SELECT count(*) FROM t");
  REQUIRE(count.step());
  CHECK(count.whole(0) == 1);
}
