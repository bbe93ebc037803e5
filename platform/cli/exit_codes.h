// How the flexcim command ends.
#pragma once

#include <cstdio>
#include <exception>

namespace flexcim {

enum ExitCode {
  kDone = 0,
  kMismatch = 1,    ///< an output does not equal the golden model's
  kBadInput = 2,    ///< found before anything was done
  kUnfinished = 3,  ///< what had begun could not come to its end: a limit, or the system (disk, memory)
  kDefect = 70,     ///< a mistake of ours: EX_SOFTWARE of sysexits.h
};

/// Says in one line on `out` what went wrong (InputError may have several), and gives the exit code for it.
ExitCode report_failure(const std::exception_ptr& error, std::FILE* out);

/// To be called first in main(). Standard streams that are closed are opened, so that no file gets their numbers; a
/// file that grows beyond the system's limit is an error and no signal; a little memory is kept back for reporting that
/// there is no more; what ends the program besides main() is reported in the same way.
void prepare_for_failures();

/// Throws std::system_error if what was printed has not got to its destination.
void require_printed();

}  // namespace flexcim
