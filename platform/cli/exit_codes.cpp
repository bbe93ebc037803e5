#include "platform/cli/exit_codes.h"

#include "flow/base/error.h"
#include "flow/base/unfinished.h"
#include "platform/cli/bus_fault.h"
#include "platform/program/simulation_error.h"
#include "platform/sweep/slurm_shards.h"
#include "rtl_models/verilated/rtl_difference.h"

#include <systemc>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>
#include <unistd.h>

namespace flexcim {
namespace {

constexpr std::size_t kKeptBack = std::size_t{1} << 16;  // bytes
std::atomic<char*> kept_back{nullptr};

void give_kept_back() {
  char* memory = kept_back.exchange(nullptr);
  if (memory == nullptr) throw std::bad_alloc();
  delete[] memory;
}

ExitCode say(std::FILE* out, ExitCode code, const char* kind, std::string text) {
  if (code == kDefect) std::replace(text.begin(), text.end(), '\n', ' ');
  std::fprintf(out, "flexcim: %s%s\n", kind, text.c_str());
  return code;
}

ExitCode say_defect(std::FILE* out, const std::string& text) {
  return say(out, kDefect, "this is a defect of flexcim " FLEXCIM_VERSION ", please report it: ", text);
}

/// The program must not go on; main() will not be reached.
[[noreturn]] void end_abnormally() {
  const std::exception_ptr error = std::current_exception();
  const ExitCode code = error ? report_failure(error, stderr) : say_defect(stderr, "std::terminate");
  take_away_unfinished();
  std::_Exit(code);
}

// The kernel's report of a process for whose stack there is no memory.
#if SC_VERSION_MAJOR < 3
const char* const kNoStack = sc_core::SC_ID_STACK_SETUP_FAILED_;
#else
const char* const kNoStack = sc_core::SC_ID_COROUTINE_ERROR_;
#endif

}  // namespace

ExitCode report_failure(const std::exception_ptr& error, std::FILE* out) {
  try {
    std::rethrow_exception(error);
  } catch (const InputError& bad) {
    return say(out, kBadInput, "", bad.what());
  } catch (const SimulationError& unfinished) {
    return say(out, kUnfinished, "the simulation could not finish: ", unfinished.what());
  } catch (const RtlFailure& different) {
    return say(out, kMismatch, "", different.what());
  } catch (const SlurmFailure& unfinished) {
    return say(out, kUnfinished, "", unfinished.what());
  } catch (const std::filesystem::filesystem_error& refused) {
    return say(out, kUnfinished, "", refused.path1().string() + ": " + refused.code().message());
  } catch (const std::system_error& refused) {
    return say(out, kUnfinished, "", refused.what());
  } catch (const std::bad_alloc&) {
    return say(out, kUnfinished, "", "out of memory");
  } catch (const sc_core::sc_report& report) {
    if (std::strcmp(report.get_msg_type(), kNoStack) == 0) {
      return say(out, kUnfinished, "", "out of memory for the stack of a process");
    }
    return say_defect(out, std::string(report.get_msg_type()) + ": " + report.get_msg());
  } catch (const std::exception& mistake) {
    return say_defect(out, mistake.what());
  } catch (...) {
    return say_defect(out, "an exception of unknown type");
  }
}

void prepare_for_failures() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    // For the other direction: what is printed fails as it would have.
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
  std::signal(SIGXFSZ, SIG_IGN);
  kept_back = new char[kKeptBack];
  std::set_new_handler(give_kept_back);
  std::set_terminate(end_abnormally);
  take_away_unfinished_on_signals();
  report_bus_faults();
  sc_core::sc_report_handler::set_actions(sc_core::SC_FATAL, sc_core::SC_THROW);  // the kernel would abort
}

void require_printed() {
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout) return;
  // The reason may be long forgotten: another try has it again.
  const bool again = ::write(STDOUT_FILENO, "\n", 1) == 1;
  throw_system_error(again ? EIO : errno, "standard output: cannot be written");
}

}  // namespace flexcim
