#include "platform/cli/exit_codes.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"
#include "platform/cli/bus_fault.h"
#include "platform/program/simulation_error.h"
#include "tests/flow/scratch.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

struct Said {
  int code;
  std::string text;
  bool operator==(const Said& other) const { return code == other.code && text == other.text; }
};

std::ostream& operator<<(std::ostream& out, const Said& said) { return out << said.code << ": " << said.text; }

/// What becomes of the exception that `body` throws.
template <class Body>
Said said(Body&& body) {
  std::exception_ptr error;
  try {
    body();
  } catch (...) {
    error = std::current_exception();
  }
  char* text = nullptr;
  std::size_t bytes = 0;
  std::FILE* out = ::open_memstream(&text, &bytes);
  const int code = report_failure(error, out);
  std::fclose(out);
  const Said result{code, std::string(text, bytes)};
  std::free(text);
  return result;
}

const std::string kOurs = "flexcim: this is a defect of flexcim " FLEXCIM_VERSION ", please report it: ";

}  // namespace

TEST_CASE("Exit code 2: bad input, in its own words") {
  CHECK(said([] { throw InputError("a.yaml:1: x\na.yaml:2: y"); }) == Said{2, "flexcim: a.yaml:1: x\na.yaml:2: y\n"});
}

TEST_CASE("Exit code 3: a simulation that cannot finish, or the system, with its reason") {
  CHECK(said([] { throw SimulationError("5 s are over"); }) ==
        Said{3, "flexcim: the simulation could not finish: 5 s are over\n"});
  CHECK(said([] { throw_system_error(ENOSPC, "out/x: cannot be written"); }) ==
        Said{3, "flexcim: out/x: cannot be written: No space left on device\n"});
  CHECK(said([] { std::filesystem::rename("/nonexistent/a", "/nonexistent/b"); }) ==
        Said{3, "flexcim: /nonexistent/a: No such file or directory\n"});
  CHECK(said([] { throw std::bad_alloc(); }) == Said{3, "flexcim: out of memory\n"});
  CHECK(said([] { throw std::bad_array_new_length(); }) == Said{3, "flexcim: out of memory\n"});
}

TEST_CASE("Exit code 70: a mistake of ours, in one line") {
  CHECK(said([] { throw std::logic_error("one\ntwo"); }) == Said{70, kOurs + "one two\n"});
  CHECK(said([] { throw std::runtime_error("unforeseen"); }) == Said{70, kOurs + "unforeseen\n"});
  CHECK(said([] { throw 7; }) == Said{70, kOurs + "an exception of unknown type\n"});
  CHECK(said([] { SC_REPORT_ERROR("soc.dram", "END_RESP without BEGIN_RESP"); }) ==
        Said{70, kOurs + "soc.dram: END_RESP without BEGIN_RESP\n"});
}

TEST_CASE("What SystemC takes for fatal is a mistake of ours, and no abort") {
  prepare_for_failures();
  CHECK(said([] { SC_REPORT_FATAL("kernel", "broken"); }) == Said{70, kOurs + "kernel: broken\n"});
}

TEST_CASE("A mapped file that somebody shortens: exit code 3, by name") {
  const Scratch scratch;
  const std::string path = write_file(scratch / "W.safetensors", std::string(5 << 12, 'x'));
  const std::string error = scratch / "error";
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(::open(error.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    report_bus_faults();
    const MappedFile file(path);
    std::filesystem::resize_file(path, 100);
    ::_exit(file.text()[3 << 12] == 'x' ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(file_bytes(error) ==
        "flexcim: " + path + ": cannot be read any more: somebody has shortened it, or its device fails\n");
}

}  // namespace flexcim
