#include "rtl_models/trace/trace_spool.h"

#include "flow/base/error.h"
#include "rtl_models/trace/vcd_writer.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <sys/resource.h>

namespace flexcim {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

/// An empty folder of the test's own.
std::filesystem::path scratch(const std::string& name) {
  const auto folder = std::filesystem::temp_directory_path() / ("flexcim_spool_" + name);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

/// As on a full disk, no file grows beyond `bytes`.
void limit_files(std::size_t bytes) {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{bytes, bytes};
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

void append(TraceSpool& spool, std::size_t count, std::uint64_t first) {
  for (std::uint64_t i = first; i < first + count; ++i) {
    unsigned char* at = spool.begin_append();
    std::memcpy(at, &i, sizeof i);
    spool.end_append(at + sizeof i);
  }
}

TEST_CASE("spool: what was appended is there, in memory and in a file that nobody sees") {
  const auto folder = scratch("order");
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, kMegabyte}) {
    TraceSpool spool((folder / "wave.vcd").string(), 24);
    append(spool, count, 0);
    CHECK(std::filesystem::is_empty(folder));
    const TraceSpool::View view = spool.view();
    REQUIRE(view.end - view.begin == static_cast<std::ptrdiff_t>(count * sizeof(std::uint64_t)));
    bool equal = true;
    for (std::uint64_t i = 0; i < count; ++i)
      equal = equal && std::memcmp(view.begin + i * sizeof i, &i, sizeof i) == 0;
    CHECK(equal);
    CHECK_NOTHROW(spool.require_kept());
  }
}

TEST_CASE("spool: a full disk is said once, and nothing is left of it") {
  const auto folder = scratch("full");
  limit_files(kMegabyte / 2);
  TraceSpool spool((folder / "wave.vcd").string(), 24);
  append(spool, kMegabyte, 0);
  CHECK_THROWS_WITH(spool.require_kept(),
                    (folder / "wave.vcd").string() + ": cannot keep what has been recorded for it: File too large");
  const TraceSpool::View view = spool.view();
  CHECK(view.begin == view.end);
  CHECK(std::filesystem::is_empty(folder));
}

TEST_CASE("spool: a folder that cannot be written is named") {
  TraceSpool spool("/nonexistent/wave.vcd", 24);
  append(spool, kMegabyte, 0);
  CHECK_THROWS_WITH(
      spool.require_kept(),
      "/nonexistent/wave.vcd: cannot make a file for what has been recorded for it: No such file or directory");
}

TEST_CASE("vcd: a dump that does not fit on the disk is removed and named") {
  const auto folder = scratch("dump");
  const std::string path = (folder / "wave.vcd").string();
  auto vcd = std::make_unique<VcdWriter>(path, std::vector<VcdVariable>{{"top", "a", VcdVariable::Type::wire, 21}});
  limit_files(1000);
  for (int i = 0; i < 1000; ++i) {
    vcd->time(static_cast<std::uint64_t>(i));
    vcd->change(0, std::int64_t{i});
  }
  CHECK_THROWS_WITH(vcd->close(), path + ": cannot be written: File too large");
  vcd.reset();
  CHECK(std::filesystem::is_empty(folder));
}

TEST_CASE("vcd: a dump that is not closed is removed") {
  const auto folder = scratch("aborted");
  {
    VcdWriter vcd((folder / "wave.vcd").string(), {{"top", "a", VcdVariable::Type::wire, 1}});
    vcd.change(0, std::int64_t{1});
    CHECK_FALSE(std::filesystem::is_empty(folder));
  }
  CHECK(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace flexcim
