// Work on a range of indices by several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace flexcim {

/// The number of threads that the value of an option stands for: itself, or one per processor for 0.
int thread_count(int option);

/// Calls body(begin, end) for consecutive pieces of [0, count), each at most `grain` long (the last one shorter), on up
/// to `threads` threads (thread_count applies). Which thread takes which piece is not defined, the pieces are: work
/// that depends on its piece alone gives the same result for any number of threads. Where the system has fewer threads
/// to give, those do the work, if need be the caller alone. Returns when all is done; the exception of the lowest piece
/// that threw is thrown again.
void parallel_for(int threads, std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& body);

}  // namespace flexcim
