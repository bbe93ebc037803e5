// Adds rows of column sums.
#pragma once

#include <cstdint>

namespace flexcim {

/// out[c] = terms[0][c] + ... + terms[count - 1][c] for c < cols; count >= 1. `out` overlaps no term.
void add_columns(const std::int32_t* const* terms, int count, int cols, std::int32_t* out);

}  // namespace flexcim
