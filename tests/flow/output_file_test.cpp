#include "flow/base/output_file.h"

#include "flow/base/error.h"
#include "tests/flow/scratch.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace flexcim;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
namespace fs = std::filesystem;

namespace {

std::size_t entries(const std::string& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Writes `text` to `path` and finishes.
void put(const std::string& path, const std::string& text) { write_text_file(path, text); }

std::string refused(const std::string& path) {
  return message_of<std::system_error>([&] { put(path, "x"); });
}

}  // namespace

TEST_CASE("output file: whole in its place when it is finished, not there at all before and without that") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "x", "old");
  {
    OutputFile file(path);
    file.append("new, ", 5);
    CHECK(file_bytes(path) == "old");
  }
  CHECK(file_bytes(path) == "old");
  CHECK(entries(scratch.str()) == 1);
  OutputFile file(path);
  file.append("new, ", 5);
  file.append("longer", 6);
  file.write("N", 1, 0);
  file.finish();
  CHECK(file_bytes(path) == "New, longer");
  CHECK(entries(scratch.str()) == 1);
}

TEST_CASE("output file: a symbolic link stays, what it leads to is replaced or made") {
  const Scratch scratch;
  fs::create_directories(scratch / "elsewhere");
  write_file(scratch / "elsewhere/real", "old");
  fs::create_symlink("elsewhere/link", scratch / "out");  // relative, over a second one
  fs::create_symlink("real", scratch / "elsewhere/link");
  put(scratch / "out", "new");
  CHECK(fs::is_symlink(scratch / "out"));
  CHECK(fs::is_symlink(scratch / "elsewhere/link"));
  CHECK(file_bytes(scratch / "elsewhere/real") == "new");

  fs::remove(scratch / "elsewhere/real");
  put(scratch / "out", "made");
  CHECK(file_bytes(scratch / "elsewhere/real") == "made");

  fs::create_symlink("round", scratch / "round");
  CHECK_THAT(refused(scratch / "round/x"), EndsWith("Too many levels of symbolic links"));
}

TEST_CASE("output file: two at a time are one too many, a dead one is none") {
  const Scratch scratch;
  const std::string path = scratch / "x";
  {
    OutputFile first(path);
    first.append("first", 5);
    CHECK_THAT(refused(path), Contains(path + ": another process is writing it"));
    first.finish();
  }
  CHECK(file_bytes(path) == "first");
  {
    OutputFile killed(path);
    killed.append("a long text", 11);
    fs::copy_file(scratch / ".x.partial", scratch / "left");
  }
  fs::rename(scratch / "left", scratch / ".x.partial");
  put(path, "second");
  CHECK(file_bytes(path) == "second");
  CHECK(entries(scratch.str()) == 1);
}

TEST_CASE("output file: why it cannot be written") {
  const Scratch scratch;
  CHECK(refused(scratch / "no/x") == (scratch / "no/x") + ": cannot be written: No such file or directory");
  fs::create_directory(scratch / "folder");
  CHECK(refused(scratch / "folder") == (scratch / "folder") + ": cannot be written: Is a directory");
  CHECK(refused("/proc/x") == "/proc/x: cannot be written: No such file or directory");
  CHECK(refused("/dev/full") == "/dev/full: cannot be written: No space left on device");
  CHECK(entries(scratch.str()) == 1);

  std::signal(SIGXFSZ, SIG_IGN);  // as on a full disk, no file grows beyond
  const rlimit limit{100, 100};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const std::string path = scratch / "x";
  CHECK(message_of<std::system_error>([&] { put(path, std::string(101, 'x')); }) ==
        path + ": cannot be written: File too large");
  CHECK(entries(scratch.str()) == 1);
}

TEST_CASE("output file: a name as long as the file system takes") {
  const Scratch scratch;
  const std::string path = scratch / std::string(255, 'n');
  put(path, "x");
  CHECK(file_bytes(path) == "x");
}
