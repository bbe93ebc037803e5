#include "flow/base/simd.h"

#include "flow/base/error.h"
#include "flow/model/int8_matmul.h"
#include "flow/model/matmul.h"
#include "flow/model/operators.h"
#include "flow/model/selective_scan.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace flexcim {
namespace {

/// FLEXCIM_SIMD, and what is in use, as they were, at the end.
class Environment {
 public:
  Environment() {
    if (const char* set = std::getenv("FLEXCIM_SIMD")) before_ = set;
  }
  ~Environment() { set(before_ ? before_->c_str() : nullptr); }
  void set(const char* value) {
    if (value != nullptr) {
      setenv("FLEXCIM_SIMD", value, 1);
    } else {
      unsetenv("FLEXCIM_SIMD");
    }
  }

 private:
  std::optional<std::string> before_;
  SimdOverride in_use_{Simd::portable};
};

TEST_CASE("FLEXCIM_SIMD limits the sets that kernels use") {
  const std::vector<Simd> sets = machine_simd();
  REQUIRE(sets.front() == Simd::portable);
  Environment environment;
  environment.set(nullptr);
  CHECK(detail::determine_simd() == sets.back());
  for (const Simd set : sets) {
    environment.set(std::string(name_of(set)).c_str());
    CHECK(detail::determine_simd() == set);
    CHECK(simd() == set);
  }
  environment.set("amx");  // more than the machine has is no fault: it is a limit
  CHECK(detail::determine_simd() == sets.back());
  for (const char* wrong : {"", "AVX2", "avx", "portable ", "scalar"}) {
    environment.set(wrong);
    CHECK_THROWS_AS(detail::determine_simd(), InputError);
    CHECK_THROWS_WITH(detail::determine_simd(),
                      "environment variable FLEXCIM_SIMD: '" + std::string(wrong) +
                          "' is not one of portable, avx2, avx512, avx512vnni, avx512vbmi, amx");
  }
}

Matrix<float> random_matrix(std::size_t rows, std::size_t cols, std::mt19937& random) {
  Matrix<float> m(rows, cols);
  for (std::size_t i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(random() % 20001) / 5000.0f - 2.0f;
  return m;
}

std::vector<float> random_vector(std::size_t size, std::mt19937& random) {
  const Matrix<float> m = random_matrix(1, size, random);
  return {m.data(), m.data() + size};
}

/// What every kernel of flow/ makes of random inputs, one after the other.
std::vector<float> all_kernels(std::size_t tokens, std::size_t width, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> results;
  const auto keep = [&results](const Matrix<float>& m) {
    results.insert(results.end(), m.data(), m.data() + m.size());
  };
  const Matrix<float> x = random_matrix(tokens, width, random);

  const std::size_t out = 1 + random() % 40;
  Matrix<float> product(tokens, out);
  matmul(x, PanelMatrix(random_matrix(out, width, random)), product);
  keep(product);

  Matrix<std::int8_t> a(tokens, width), b(out, width);
  for (std::size_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<std::int8_t>(random());
  for (std::size_t i = 0; i < b.size(); ++i) {
    b.data()[i] = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  }
  Matrix<std::int32_t> sums(tokens, out);
  int8_matmul(a, pack_int8(b, {}, "b"), sums);
  for (std::size_t i = 0; i < sums.size(); ++i) results.push_back(static_cast<float>(sums.data()[i]));  // below 2^24

  Matrix<float> y(tokens, width);
  RmsNorm{"norm", random_vector(width, random), 1e-5f}.apply(x, y);
  keep(y);
  y = x;
  for (std::size_t t = 0; t < tokens; ++t) softmax(y.row(t), width, 0.7f);
  keep(y);
  y = x;
  silu(y);
  keep(y);
  y = x;
  softplus_with_bias(y, random_vector(width, random));
  keep(y);

  const CausalConvolution convolution(random_matrix(width, 4, random), random_vector(width, random));
  Matrix<float> state = convolution.initial_state();
  convolution.apply(x, state, y);
  keep(y);
  const std::size_t states = 1 + random() % 16;
  const SelectiveScan scan(random_matrix(width, states, random), random_vector(width, random));
  const Matrix<float> delta = random_matrix(tokens, width, random), in = random_matrix(tokens, states, random);
  state = scan.initial_state();
  scan.apply(x, delta, in, random_matrix(tokens, states, random), state, y);
  keep(y);
  keep(state);
  return results;
}

TEST_CASE("every kernel of flow/ gives the same bits by every instruction set") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const std::size_t tokens = 1 + random() % 14, width = 1 + random() % 100;
    std::vector<float> portable;
    for (const Simd set : machine_simd()) {
      const SimdOverride use(set);
      const std::vector<float> found = all_kernels(tokens, width, seed);
      if (set == Simd::portable) portable = found;
      INFO(name_of(set) << ", seed " << seed << ", " << tokens << " tokens x " << width);
      REQUIRE(found.size() == portable.size());
      CHECK(std::memcmp(found.data(), portable.data(), found.size() * sizeof(float)) == 0);
    }
  }
}

}  // namespace
}  // namespace flexcim
