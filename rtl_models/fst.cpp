#include "rtl_models/fst.h"

#include "flow/error.h"

#include <cstdlib>
#include <filesystem>
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
  const pid_t child = fork();
  if (child == 0) {
    execlp(kConverter, kConverter, vcd.c_str(), fst.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = -1;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
      !std::filesystem::exists(fst)) {
    throw InputError(std::string(kConverter) + " could not make " + fst + " from " + vcd);
  }
  std::filesystem::remove(vcd);
}

}  // namespace flexcim
