// Mapped files that cannot be read any more.
#pragma once

namespace flexcim {

/// From now on reading a mapped file (flow/base/mapped_file.h) behind the end that somebody has cut it to, or where its
/// device fails, ends the process with exit code 3 and one line that names the file; what is unfinished is removed.
/// Other bus errors end it as they would have.
void report_bus_faults();

}  // namespace flexcim
