// A progress bar for long work.
#pragma once

#include "flow/select/calibrate.h"

#include <string>

namespace flexcim {

/// A bar on the terminal's standard error while `what` goes on, nothing where that is no terminal.
Progress progress_bar(const std::string& what);

}  // namespace flexcim
