// Which files make up a model.
#pragma once

#include <string>
#include <vector>

namespace flexcim {

/// The files that are read of a model directory, or the packed file itself, as far as they are there. Throws InputError
/// where its index of shards cannot be read.
std::vector<std::string> model_files(const std::string& path);

}  // namespace flexcim
