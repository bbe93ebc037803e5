#include "rtl_models/column_sum.h"

namespace flexcim {

__attribute__((target_clones("avx512f", "avx2", "default"))) void add_columns(const std::int32_t* const* terms,
                                                                              int count, int cols,
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

}  // namespace flexcim
