#include "flow/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace flexcim {

int thread_count(int option) {
  return option > 0 ? option : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

void parallel_for(int threads, std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body) {
  const std::size_t pieces = (count + grain - 1) / grain;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  std::size_t failed = pieces;  // the lowest piece that threw

  // Pieces are taken in order, so everything below a failed piece still runs: the lowest failure is always found.
  const auto work = [&] {
    for (std::size_t piece = next++; piece < pieces; piece = next++) {
      try {
        body(piece * grain, std::min(count, (piece + 1) * grain));
      } catch (...) {
        next = pieces;
        const std::lock_guard<std::mutex> lock(mutex);
        if (piece < failed) {
          failed = piece;
          error = std::current_exception();
        }
      }
    }
  };

  std::vector<std::thread> helpers;
  const std::size_t wanted = std::min<std::size_t>(thread_count(threads), pieces);
  helpers.reserve(wanted);
  for (std::size_t i = 1; i < wanted; ++i) {
    try {
      helpers.emplace_back(work);
    } catch (const std::system_error&) {
      break;  // no more are to be had
    }
  }
  work();
  for (std::thread& helper : helpers) helper.join();
  if (error) std::rethrow_exception(error);
}

}  // namespace flexcim
