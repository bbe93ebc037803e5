// Products of tiles with AVX2, 16 cells at a time, for processors without what line_products.cpp and matrix_tiles.cpp
// use.
#pragma once

#include "tlm/engine/data_lines.h"

#if FLEXCIM_X86

namespace flexcim {

/// As add_line_products, for one lane whose form is LineForm::pairs; `sums` begins at its first output.
void add_pair_products(Lane& lane, MatrixView<std::int32_t> sums);

}  // namespace flexcim

#endif
