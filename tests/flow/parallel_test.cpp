#include "flow/parallel.h"

#include <catch2/catch.hpp>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace flexcim {
namespace {

TEST_CASE("every index is worked on exactly once, for any number of threads") {
  for (const int threads : {0, 1, 2, 7}) {
    for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{1001}}) {
      std::vector<int> hits(count);
      parallel_for(threads, count, 10, [&](std::size_t begin, std::size_t end) {
        // Catch's checks are not for several threads: a piece that is too long spoils the counts instead.
        for (std::size_t i = begin; i < end; ++i) hits[i] += end - begin <= 10 ? 1 : 100;
      });
      CHECK(hits == std::vector<int>(count, 1));
    }
  }
}

TEST_CASE("the exception of the lowest failing piece comes out") {
  for (const int threads : {1, 4}) {
    for (int repeat = 0; repeat < 50; ++repeat) {
      try {
        parallel_for(threads, 100, 1, [](std::size_t begin, std::size_t) {
          if (begin >= 3) throw std::runtime_error(std::to_string(begin));
        });
        FAIL("no exception");
      } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()) == "3");
      }
    }
  }
}

}  // namespace
}  // namespace flexcim
