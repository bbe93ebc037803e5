// The file that a command will write.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// To be called before long work. Throws InputError naming `path` where no file can be written there (no such folder, a
/// folder that is not writable, something other than a regular file), or where it is one of `inputs` under whatever
/// name: another spelling, a symbolic or a hard link. `stream`: written from front to end, so a device or pipe will do.
void require_output_place(const std::string& path, const std::vector<std::string>& inputs, bool stream = false);

}  // namespace flexcim
