#include "platform/cli/output_place.h"

#include "flow/base/error.h"
#include "flow/base/output_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace flexcim {

namespace fs = std::filesystem;

void require_output_place(const std::string& path, const std::vector<std::string>& inputs, bool stream) {
  std::error_code error;
  if (stream && fs::is_other(path, error)) return;
  const fs::path place = followed_links(path);
  fs::path folder = place.parent_path();
  if (folder.empty()) folder = ".";
  if (!fs::is_directory(folder, error)) {
    throw InputError(path + ": cannot be written: there is no folder " + folder.string());
  }
  const fs::file_status status = fs::status(place, error);
  if (fs::is_directory(status) || !place.has_filename()) throw InputError(path + ": cannot be written: is a folder");
  // The finished file is renamed to its name: that would put it in the place of a device.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    throw InputError(path + ": cannot be written: is there and is not a regular file");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    throw InputError(path + ": cannot be written: " + std::strerror(errno));
  }
  for (const std::string& input : inputs) {
    if (fs::equivalent(place, input, error)) {
      throw InputError(fmt::format("{}: cannot be written: it is the input {}", path, input));
    }
  }
}

}  // namespace flexcim
