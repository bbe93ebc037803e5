#include "platform/workload/progress_bar.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace flexcim {

Progress progress_bar(const std::string& what) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [what](int done, int all) {
    constexpr int kWidth = 30;
    const int filled = kWidth * done / std::max(1, all);
    fmt::print(stderr, "\r{:<12} [{:#<{}}{:.<{}}] {}/{}", what, "", filled, "", kWidth - filled, done, all);
    if (done == all) fmt::print(stderr, "\r{:<60}\r", "");
    std::fflush(stderr);
  };
}

}  // namespace flexcim
