#include "rtl_models/kernels/column_sum.h"

#include "flow/base/simd.h"

namespace flexcim {

namespace {

FLEXCIM_SIMD_LOOPS void add_columns_loops(const std::int32_t* const* terms, int count, int cols,
                                          std::int32_t* __restrict out) {
  const std::int32_t* first = terms[0];
  if (count == 1) {
    for (int c = 0; c < cols; ++c) out[c] = first[c];
    return;
  }
  const std::int32_t* second = terms[1];
  for (int c = 0; c < cols; ++c) out[c] = first[c] + second[c];
  for (int i = 2; i < count; ++i) {
    const std::int32_t* more = terms[i];
    for (int c = 0; c < cols; ++c) out[c] += more[c];
  }
}

}  // namespace

void add_columns(const std::int32_t* const* terms, int count, int cols, std::int32_t* out) {
  simd_kernel<add_columns_loops>(terms, count, cols, out);
}

}  // namespace flexcim
