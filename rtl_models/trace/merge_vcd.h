// Two value change dumps in one.
#pragma once

#include "rtl_models/trace/gtkwave_savefile.h"

#include <string>
#include <vector>

namespace flexcim {

/// Puts the signals of the VCD `other` into `path`, one of VcdWriter, both in picoseconds. The outermost scope of
/// `other` is called `scope` there, beside those that `path` has. Returns the signals right in it, for a savefile, in a
/// group of that name. Throws std::system_error naming a file that cannot be read or written, or that is no VCD.
std::vector<SavefileSignal> merge_vcd(const std::string& path, const std::string& other, const std::string& scope);

}  // namespace flexcim
