#include "rtl_models/kernels/column_sum.h"

#include "flow/base/simd.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace flexcim {
namespace {

TEST_CASE("column sum: every instruction set gives the exact sums") {
  std::mt19937 random(9);
  for (int round = 0; round < 200; ++round) {
    const int count = 1 + static_cast<int>(random() % 16), cols = 1 + static_cast<int>(random() % 256);
    std::vector<std::vector<std::int32_t>> terms(count, std::vector<std::int32_t>(cols));
    std::vector<std::int32_t> expected(cols);
    std::vector<const std::int32_t*> pointers;
    for (auto& term : terms) {
      for (int c = 0; c < cols; ++c) expected[c] += term[c] = static_cast<std::int32_t>(random() >> 4) - (1 << 27);
      pointers.push_back(term.data());
    }
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      std::vector<std::int32_t> sums(cols + 1, 77);
      add_columns(pointers.data(), count, cols, sums.data());
      INFO(name_of(set) << ", " << count << " x " << cols);
      CHECK(sums.back() == 77);  // nothing beyond the columns
      sums.pop_back();
      CHECK(sums == expected);
    }
  }
}

}  // namespace
}  // namespace flexcim
