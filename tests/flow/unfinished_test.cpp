#include "flow/base/unfinished.h"

#include "tests/flow/scratch.h"

#include <chrono>
#include <functional>
#include <sys/wait.h>
#include <thread>

using namespace flexcim;
namespace fs = std::filesystem;

namespace {

/// The status of a process that does `work`; it exits with 0 when that returns.
int status_of(const std::function<void()>& work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGHUP, SIG_DFL);  // nohup has it ignored
    work();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

/// A folder with files in a folder that was made for it, and a file beside it.
struct Things {
  Unfinished parent, folder, file;
  explicit Things(const Scratch& scratch)
      : parent(scratch / "parent", Unfinished::Kind::empty_folder),
        folder(scratch / "parent/.folder", Unfinished::Kind::folder_of_files),
        file(scratch / "file", Unfinished::Kind::file) {
    fs::create_directories(scratch / "parent/.folder");
    for (int i = 0; i < 300; ++i) write_file(scratch / ("parent/.folder/" + std::to_string(i)), "x");
    write_file(scratch / "file", "x");
  }
};

}  // namespace

TEST_CASE("unfinished: gone with its object, unless it is kept") {
  const Scratch scratch;
  { const Things things(scratch); }
  CHECK(fs::is_empty(scratch.str()));
  {
    Things things(scratch);
    things.file.keep();
    write_file(scratch / "parent/somebody's", "x");
  }
  CHECK(fs::exists(scratch / "file"));
  CHECK(fs::exists(scratch / "parent/somebody's"));
  CHECK_FALSE(fs::exists(scratch / "parent/.folder"));
}

TEST_CASE("unfinished: a signal takes it away and ends the process as it would have without") {
  for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGPIPE}) {
    const Scratch scratch;
    const int status = status_of([&] {
      take_away_unfinished_on_signals();
      const Things things(scratch);
      ::kill(::getpid(), signal);
      ::_exit(1);
    });
    CAPTURE(signal);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(fs::is_empty(scratch.str()));
  }
}

TEST_CASE("unfinished: also if another thread gets the signal, but not what was kept") {
  const Scratch scratch;
  const int status = status_of([&] {
    take_away_unfinished_on_signals();
    Things things(scratch);
    things.file.keep();
    std::thread([] { ::raise(SIGTERM); }).join();
    // Not for good: the thread sanitizer may hand over a signal at the next call only.
    for (;;) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  });
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(fs::exists(scratch / "file"));
  CHECK_FALSE(fs::exists(scratch / "parent"));
}

TEST_CASE("unfinished: where an end is asked for, the first signal is kept and the second ends the process") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Scratch scratch;
    const auto after = [&](int signals) {
      return status_of([&] {
        take_away_unfinished_on_signals();
        const Things things(scratch);
        const EndRequest request;
        for (int i = 0; i < signals; ++i) ::kill(::getpid(), signal);
        ::_exit(EndRequest::signal() == signal && fs::exists(scratch / "file") ? 7 : 8);
      });
    };
    CAPTURE(signal);
    CHECK(WEXITSTATUS(after(1)) == 7);
    CHECK(WEXITSTATUS(after(0)) == 8);
    fs::remove_all(scratch / "parent");
    fs::remove(scratch / "file");
    CHECK(WTERMSIG(after(2)) == signal);
    CHECK(fs::is_empty(scratch.str()));
  }
  const Scratch scratch;
  const int hung_up = status_of([&] {
    take_away_unfinished_on_signals();
    const EndRequest request;
    ::kill(::getpid(), SIGHUP);
  });
  CHECK(WTERMSIG(hung_up) == SIGHUP);
  const int over = status_of([&] {
    take_away_unfinished_on_signals();
    { const EndRequest request; }
    ::kill(::getpid(), SIGINT);
  });
  CHECK(WTERMSIG(over) == SIGINT);
}

TEST_CASE("unfinished: signals that are ignored stay so, and others wait where they are told to") {
  const Scratch scratch;
  const int ignored = status_of([&] {
    std::signal(SIGHUP, SIG_IGN);  // nohup
    take_away_unfinished_on_signals();
    const Things things(scratch);
    ::raise(SIGHUP);
    if (!fs::exists(scratch / "file")) ::_exit(1);
  });
  CHECK(ignored == 0);
  const int waiting = status_of([&] {
    take_away_unfinished_on_signals();
    {
      const SignalsWait wait;
      ::kill(::getpid(), SIGINT);
      write_file(scratch / "finished", "x");
    }
    write_file(scratch / "beyond", "x");
  });
  CHECK(WTERMSIG(waiting) == SIGINT);
  CHECK(fs::exists(scratch / "finished"));
  CHECK_FALSE(fs::exists(scratch / "beyond"));
}

TEST_CASE("unfinished: a signal that waits can be taken, and raised again when all is in order") {
  const Scratch scratch;
  const int status = status_of([&] {
    std::signal(SIGHUP, SIG_IGN);
    take_away_unfinished_on_signals();
    const Things things(scratch);
    {
      const SignalsWait wait;
      ::raise(SIGHUP);
      if (wait.next(std::chrono::milliseconds(1)) != 0) ::_exit(1);
      ::raise(SIGTERM);
      const int signal = wait.next(std::chrono::seconds(60));
      if (!fs::exists(scratch / "file")) ::_exit(2);
      ::raise(signal);
    }
    ::_exit(3);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
  CHECK(fs::is_empty(scratch.str()));
}
