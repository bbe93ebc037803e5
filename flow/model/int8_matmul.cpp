#include "flow/model/int8_matmul.h"

#include "flow/base/parallel.h"
#include "flow/base/simd.h"

#include <algorithm>
#include <cassert>
#include <vector>

#if FLEXCIM_X86
#if !defined(__clang__)
// GCC 12 takes the operand that _mm512_reduce_add_epi32 leaves undefined on purpose for a mistake.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#endif

namespace flexcim {
namespace {

constexpr std::size_t kInputs = 64;         // padding, the bytes of the widest register
constexpr std::size_t kRows = 4;            // output channels that share each load of the activations
constexpr std::size_t kPair = 2;            // tokens that meet the weights together, where there is no VNNI
constexpr std::size_t kTokensAtOnce = 256;  // whose activations are converted
constexpr std::size_t kProductsPerPiece = std::size_t{1} << 22;

std::size_t padded_length(std::size_t inputs) { return (inputs + kInputs - 1) / kInputs * kInputs; }

/// Of kPair tokens of `count` inputs each: x[t] . w[r] is added to sums[t * kRows + r], for kRows rows that lie
/// `length` elements apart.
FLEXCIM_SIMD_LOOPS void add_pair_loops(const std::int16_t* x0, const std::int16_t* x1, const std::int16_t* w,
                                       std::size_t length, std::size_t count, std::int32_t* sums) {
  std::int32_t sum[kPair * kRows] = {};
  for (std::size_t k = 0; k < count; ++k) {
    sum[0] += x0[k] * w[k];
    sum[1] += x0[k] * w[k + length];
    sum[2] += x0[k] * w[k + 2 * length];
    sum[3] += x0[k] * w[k + 3 * length];
    sum[4] += x1[k] * w[k];
    sum[5] += x1[k] * w[k + length];
    sum[6] += x1[k] * w[k + 2 * length];
    sum[7] += x1[k] * w[k + 3 * length];
  }
  for (std::size_t i = 0; i < kPair * kRows; ++i) sums[i] += sum[i];
}
constexpr auto add_pair = simd_kernel<add_pair_loops>;

/// Products of 16-bit numbers, for every machine.
struct Wide {
  using Input = std::int16_t;
  using Weight = std::int16_t;
  static Input input(std::int8_t x) { return x; }
  static void products(const Matrix<Input>& x, const Weight* w, Matrix<std::int32_t>& sums) {
    std::fill_n(sums.data(), sums.size(), 0);
    for (std::size_t k = 0; k < x.cols(); k += kPiece) {
      const std::size_t count = std::min(kPiece, x.cols() - k);
      std::size_t t = 0;
      for (; t + 1 < x.rows(); t += kPair)
        add_pair(x.row(t) + k, x.row(t + 1) + k, w + k, x.cols(), count, sums.row(t));
      if (t == x.rows()) continue;
      std::int32_t last[kPair * kRows] = {};
      add_pair(x.row(t) + k, x.row(t) + k, w + k, x.cols(), count, last);
      for (std::size_t r = 0; r < kRows; ++r) sums(t, r) += last[r];
    }
  }

 private:
  static constexpr std::size_t kPiece = 2048;  // inputs: kRows rows of weights stay in the first-level cache
};

#if FLEXCIM_X86
/// Products of bytes by VNNI, which wants unsigned ones on one side: inputs are 128 too large, which 128 times the sum
/// of the weights takes back. Sums wrap around on the way and are exact in the end.
struct Vnni {
  using Input = std::uint8_t;
  using Weight = std::int8_t;
  static Input input(std::int8_t x) { return static_cast<Input>(static_cast<Input>(x) ^ 0x80); }

  static void products(const Matrix<Input>& x, const Weight* w, Matrix<std::int32_t>& sums) {
    std::size_t t = 0;
    for (; t + kTokens <= x.rows(); t += kTokens) block<kTokens>(x, t, w, sums);
    for (; t < x.rows(); ++t) block<1>(x, t, w, sums);
  }

 private:
  static constexpr std::size_t kTokens = 4;  // that share each load of the weights

  template <std::size_t kCount>
  FLEXCIM_AVX512VNNI static void block(const Matrix<Input>& x, std::size_t first, const Weight* w,
                                       Matrix<std::int32_t>& sums) {
    const std::size_t length = x.cols();
    const __m512i offset = _mm512_set1_epi8('\x80');
    __m512i sum[kRows][kCount], of_weights[kRows];
    for (std::size_t r = 0; r < kRows; ++r) {
      of_weights[r] = _mm512_setzero_si512();
      for (std::size_t t = 0; t < kCount; ++t) sum[r][t] = _mm512_setzero_si512();
    }
    for (std::size_t k = 0; k < length; k += kInputs) {
      __m512i inputs[kCount];
      for (std::size_t t = 0; t < kCount; ++t) inputs[t] = _mm512_loadu_si512(x.row(first + t) + k);
      for (std::size_t r = 0; r < kRows; ++r) {
        const __m512i weights = _mm512_loadu_si512(w + r * length + k);
        of_weights[r] = _mm512_dpbusd_epi32(of_weights[r], offset, weights);
        for (std::size_t t = 0; t < kCount; ++t) sum[r][t] = _mm512_dpbusd_epi32(sum[r][t], inputs[t], weights);
      }
    }
    for (std::size_t r = 0; r < kRows; ++r) {
      for (std::size_t t = 0; t < kCount; ++t) {
        sums(first + t, r) = _mm512_reduce_add_epi32(_mm512_sub_epi32(sum[r][t], of_weights[r]));
      }
    }
  }
};
#endif

/// Of kTokensAtOnce tokens at most.
template <class Kernel>
void multiply(MatrixView<const std::int8_t> x, const PackedLinear& weights, MatrixView<std::int32_t> y, int threads) {
  const std::size_t length = padded_length(x.cols);
  Matrix<typename Kernel::Input> inputs(x.rows, length);
  for (std::size_t t = 0; t < x.rows; ++t) std::transform(x.row(t), x.row(t) + x.cols, inputs.row(t), Kernel::input);
  const std::size_t products_per_row = std::max<std::size_t>(1, x.rows * x.cols);
  const std::size_t grain = (kProductsPerPiece / products_per_row / kRows + 1) * kRows;
  parallel_for(threads, y.cols, grain, [&](std::size_t begin, std::size_t end) {
    // Weights outside, tokens inside: kRows rows of weights stay in the first-level cache.
    std::vector<std::int8_t> row(x.cols);
    std::vector<typename Kernel::Weight> rows(kRows * length);
    Matrix<std::int32_t> sums(x.rows, kRows);
    for (std::size_t o = begin; o < end; o += kRows) {
      const std::size_t count = std::min(kRows, end - o);
      for (std::size_t r = 0; r < count; ++r) {
        unpack_row(weights, o + r, row.data());
        std::copy(row.begin(), row.end(), rows.begin() + static_cast<std::ptrdiff_t>(r * length));
      }
      Kernel::products(inputs, rows.data(), sums);
      for (std::size_t t = 0; t < x.rows; ++t) std::copy_n(sums.row(t), count, y.row(t) + o);
    }
  });
}

}  // namespace

void int8_matmul(MatrixView<const std::int8_t> x, const PackedLinear& weights, MatrixView<std::int32_t> y,
                 int threads) {
  assert(x.cols == static_cast<std::size_t>(weights.in) && y.rows == x.rows &&
         y.cols == static_cast<std::size_t>(weights.out));
  auto* kernel = &multiply<Wide>;
#if FLEXCIM_X86
  if (simd() >= Simd::avx512vnni) kernel = &multiply<Vnni>;
#endif
  for (std::size_t first = 0; first < x.rows; first += kTokensAtOnce) {
    const std::size_t count = std::min(kTokensAtOnce, x.rows - first);
    kernel(x.row_range(first, count), weights, y.row_range(first, count), threads);
  }
}

}  // namespace flexcim
