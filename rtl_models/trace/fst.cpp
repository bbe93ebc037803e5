#include "rtl_models/trace/fst.h"

#include "flow/base/error.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace flexcim {
namespace {

const char* const kConverter = "vcd2fst";

bool on_path() {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((std::filesystem::path(folder) / kConverter).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace

void require_vcd2fst() {
  if (!on_path()) throw InputError("an FST is written by vcd2fst, which is not installed (Debian package gtkwave)");
}

void convert_to_fst(const std::string& vcd, const std::string& fst) {
  std::string words[] = {kConverter, vcd, fst};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = 0;
  const int error = posix_spawnp(&child, kConverter, nullptr, nullptr, arguments, environ);
  if (error != 0) throw_system_error(error, std::string(kConverter) + " cannot be started");
  int status = -1;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status != 0 || !std::filesystem::exists(fst)) {
    throw_system_error(EIO, std::string(kConverter) + " could not make " + fst + " from " + vcd);
  }
  std::filesystem::remove(vcd);
}

}  // namespace flexcim
