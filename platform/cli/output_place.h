// The file that a command will write.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// To be called before long work. Throws InputError naming `path` where no file can be written there (its folder is not
/// there or not writable, it is there and no regular file), or where it is one of `inputs` by whatever name: another
/// spelling, a symbolic or a hard link. `stream`: it is written from front to end, so that a device or a pipe will do.
void require_output_place(const std::string& path, const std::vector<std::string>& inputs, bool stream = false);

}  // namespace flexcim
