#include "platform/workload/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace flexcim {

Progress progress_bar(const std::string& what) {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [what, start = std::chrono::steady_clock::now()](int done, int all) {
    constexpr int kWidth = 30;
    const int filled = kWidth * done / std::max(1, all);
    const std::chrono::duration<double> past = std::chrono::steady_clock::now() - start;
    const auto left = static_cast<int>(past.count() * (all - done) / std::max(1, done));
    fmt::print(stderr, "\r{:<15} [{:#<{}}{:.<{}}] {}/{}, {}:{:02} left ", what, "", filled, "", kWidth - filled, done,
               all, left / 60, left % 60);
    if (done == all) fmt::print(stderr, "\r{:<79}\r", "");
    std::fflush(stderr);
  };
}

}  // namespace flexcim
