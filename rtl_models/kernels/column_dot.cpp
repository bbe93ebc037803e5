#include "rtl_models/kernels/column_dot.h"

#include "flow/base/simd.h"

#include <algorithm>
#include <array>
#include <cstring>

#if FLEXCIM_X86
#include <immintrin.h>
#endif

namespace flexcim {
namespace {

constexpr int kColumnBlock = 16;
constexpr int kMaxLineBytes = 256 * 32;

/// One plane: sums[c] += dot over groups of four unsigned lines and four signed weights, minus offset[c].
/// `cols` is a multiple of kColumnBlock. Of two neighbouring lines (0 and 1, 2 and 3) at most one weight of a column is
/// not zero, which is why the 16-bit saturation of the AVX2 multiply never bites: 255 * 128 < 2^15.
void dot_portable(const std::uint8_t* lines, const std::int8_t* weights, const std::int32_t* offset, int groups,
                  int cols, std::int32_t* sums) {
  for (int c = 0; c < cols; ++c) sums[c] = -offset[c];
  for (int g = 0; g < groups; ++g) {
    const std::uint8_t* x = lines + static_cast<std::size_t>(4) * g;
    const std::int8_t* w = weights + static_cast<std::size_t>(4) * g * cols;
    for (int c = 0; c < cols; ++c, w += 4) sums[c] += x[0] * w[0] + x[1] * w[1] + x[2] * w[2] + x[3] * w[3];
  }
}

#if FLEXCIM_X86

/// The four lines of a group in one word.
inline std::int32_t four_lines(const std::uint8_t* lines, int group) {
  std::int32_t four;
  std::memcpy(&four, lines + static_cast<std::size_t>(4) * group, 4);
  return four;
}

FLEXCIM_AVX2 void dot_avx2(const std::uint8_t* lines, const std::int8_t* weights, const std::int32_t* offset,
                           int groups, int cols, std::int32_t* sums) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (int c = 0; c < cols; c += kColumnBlock) {
    __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();
    const std::int8_t* w = weights + static_cast<std::size_t>(4) * c;
    for (int g = 0; g < groups; ++g, w += static_cast<std::size_t>(4) * cols) {
      const __m256i x = _mm256_set1_epi32(four_lines(lines, g));
      const __m256i w_low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
      const __m256i w_high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32));
      low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w_low), ones));
      high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w_high), ones));
    }
    const __m256i* minus = reinterpret_cast<const __m256i*>(offset + c);
    __m256i* out = reinterpret_cast<__m256i*>(sums + c);
    _mm256_storeu_si256(out, _mm256_sub_epi32(low, _mm256_loadu_si256(minus)));
    _mm256_storeu_si256(out + 1, _mm256_sub_epi32(high, _mm256_loadu_si256(minus + 1)));
  }
}

/// Two blocks of columns at a time: the chains of dependent additions of one hide behind those of the other.
FLEXCIM_AVX512VNNI void dot_vnni(const std::uint8_t* lines, const std::int8_t* weights, const std::int32_t* offset,
                                 int groups, int cols, std::int32_t* sums) {
  const std::size_t step = static_cast<std::size_t>(4) * cols;
  int c = 0;
  for (; c + 2 * kColumnBlock <= cols; c += 2 * kColumnBlock) {
    __m512i even[2] = {}, odd[2] = {};
    const std::int8_t* w = weights + static_cast<std::size_t>(4) * c;
    int g = 0;
    for (; g + 2 <= groups; g += 2, w += 2 * step) {
      const __m512i x0 = _mm512_set1_epi32(four_lines(lines, g)), x1 = _mm512_set1_epi32(four_lines(lines, g + 1));
      even[0] = _mm512_dpbusd_epi32(even[0], x0, _mm512_loadu_si512(w));
      even[1] = _mm512_dpbusd_epi32(even[1], x0, _mm512_loadu_si512(w + 64));
      odd[0] = _mm512_dpbusd_epi32(odd[0], x1, _mm512_loadu_si512(w + step));
      odd[1] = _mm512_dpbusd_epi32(odd[1], x1, _mm512_loadu_si512(w + step + 64));
    }
    for (; g < groups; ++g, w += step) {
      const __m512i x = _mm512_set1_epi32(four_lines(lines, g));
      even[0] = _mm512_dpbusd_epi32(even[0], x, _mm512_loadu_si512(w));
      even[1] = _mm512_dpbusd_epi32(even[1], x, _mm512_loadu_si512(w + 64));
    }
    for (int half = 0; half < 2; ++half) {
      const int first = c + half * kColumnBlock;
      const __m512i sum = _mm512_add_epi32(even[half], odd[half]);
      _mm512_storeu_si512(sums + first, _mm512_sub_epi32(sum, _mm512_loadu_si512(offset + first)));
    }
  }
  for (; c < cols; c += kColumnBlock) {
    __m512i sum = _mm512_setzero_si512();
    const std::int8_t* w = weights + static_cast<std::size_t>(4) * c;
    for (int g = 0; g < groups; ++g, w += step) {
      sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi32(four_lines(lines, g)), _mm512_loadu_si512(w));
    }
    _mm512_storeu_si512(sums + c, _mm512_sub_epi32(sum, _mm512_loadu_si512(offset + c)));
  }
}

#endif

}  // namespace

ColumnDot::Kernel ColumnDot::kernel() {
#if FLEXCIM_X86
  const Simd set = simd();
  if (set >= Simd::avx512vnni) return dot_vnni;
  if (set >= Simd::avx2) return dot_avx2;
#endif
  return dot_portable;
}

ColumnDot::ColumnDot(int rows, int cols, int lines, int planes)
    : kernel_(kernel()),
      cols_(cols),
      lines_(lines),
      places_(std::max(lines, 2)),
      groups_((rows * places_ + 3) / 4),
      padded_cols_((cols + kColumnBlock - 1) / kColumnBlock * kColumnBlock),
      spread_(static_cast<std::size_t>(planes) * groups_ * padded_cols_ * 4),
      offset_(static_cast<std::size_t>(planes) * padded_cols_),
      metadata_(static_cast<std::size_t>(rows) * cols),
      rows_(rows) {}

void ColumnDot::write(int column, int row, std::int8_t weight, std::uint8_t metadata) {
  std::uint8_t& stored = metadata_[static_cast<std::size_t>(column) * rows_ + row];
  const int old_plane = stored / lines_;
  std::int8_t& old = spread_[spread_index(old_plane, row * places_ + stored % lines_, column)];
  offset_[static_cast<std::size_t>(old_plane) * padded_cols_ + column] -= 128 * old;
  old = 0;
  stored = metadata;
  const int plane = metadata / lines_;
  spread_[spread_index(plane, row * places_ + metadata % lines_, column)] = weight;
  offset_[static_cast<std::size_t>(plane) * padded_cols_ + column] += 128 * weight;
}

void ColumnDot::sums(int plane, const std::int8_t* lines, std::int32_t* sums) const {
  alignas(64) std::array<std::uint8_t, kMaxLineBytes> raised;
  const int used = rows_ * places_;
  if (lines_ == places_) {
    for (int i = 0; i < used; ++i) raised[i] = static_cast<std::uint8_t>(lines[i]) ^ 0x80;
  } else {
    std::uint8_t* place = raised.data();  // two of each line
    for (int i = 0; i < rows_; ++i) {
      *place++ = static_cast<std::uint8_t>(lines[i]) ^ 0x80;
      *place++ = 0;
    }
  }
  for (int i = used; i < 4 * groups_; ++i) raised[i] = 0;
  const std::int8_t* weights = spread_.data() + static_cast<std::size_t>(plane) * groups_ * padded_cols_ * 4;
  const std::int32_t* offset = offset_.data() + static_cast<std::size_t>(plane) * padded_cols_;
  if (cols_ == padded_cols_) {
    kernel_(raised.data(), weights, offset, groups_, padded_cols_, sums);
    return;
  }
  std::array<std::int32_t, kColumnBlock> padded;  // cols below a block: one block
  kernel_(raised.data(), weights, offset, groups_, padded_cols_, padded.data());
  std::memcpy(sums, padded.data(), sizeof(std::int32_t) * cols_);
}

}  // namespace flexcim
