// How the flexcim command ends.
#pragma once

#include <cstdio>
#include <exception>

namespace flexcim {

enum ExitCode {
  kDone = 0,
  kMismatch = 1,    ///< an output does not equal the golden model's, or a pin of the RTL the model's
  kBadInput = 2,    ///< found before anything was done
  kUnfinished = 3,  ///< what had begun could not come to its end: a limit, or the system (disk, memory)
  kDefect = 70,     ///< a mistake of ours: EX_SOFTWARE of sysexits.h
};

/// Says in one line on `out` what went wrong (InputError may have several), and gives the exit code for it.
ExitCode report_failure(const std::exception_ptr& error, std::FILE* out);

/// To be called first in main(). Opens standard streams that are closed, so that no file gets their numbers. Makes a
/// file that grows beyond the system's limit an error in place of a signal. Keeps back a little memory, to report that
/// there is no more. Whatever ends the program outside of main() is reported in the same way.
void prepare_for_failures();

/// Throws std::system_error if what was printed has not reached its destination.
void require_printed();

}  // namespace flexcim
