#include "flow/base/parallel.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <numeric>
#include <pthread.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
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

TEST_CASE("fewer threads than wanted, or none beside the caller, do the same work") {
  pthread_attr_t large;  // each thread takes a gigabyte of addresses, of which there are few
  REQUIRE(pthread_attr_init(&large) == 0);
  REQUIRE(pthread_attr_setstacksize(&large, std::size_t{1} << 30) == 0);
  REQUIRE(pthread_setattr_default_np(&large) == 0);
  const std::size_t room = GENERATE(std::size_t{1} << 29, std::size_t{5} << 29);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlimit limit{pages * static_cast<std::size_t>(::getpagesize()) + room, RLIM_INFINITY};
  REQUIRE(::setrlimit(RLIMIT_AS, &limit) == 0);
  CHECK_THROWS_AS(
      [] {
        std::vector<std::thread> threads;
        try {
          for (int i = 0; i < 8; ++i) threads.emplace_back([] {});
        } catch (const std::system_error&) {
          for (std::thread& each : threads) each.join();
          throw;
        }
        for (std::thread& each : threads) each.join();
      }(),
      std::system_error);

  std::vector<int> hits(1000);
  parallel_for(8, hits.size(), 10, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++hits[i];
  });
  CHECK(hits == std::vector<int>(1000, 1));
  CHECK_THROWS_AS(parallel_for(8, 100, 1, [](std::size_t, std::size_t) { throw std::runtime_error("x"); }),
                  std::runtime_error);
}

}  // namespace
}  // namespace flexcim
