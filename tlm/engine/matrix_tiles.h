// Products of many tokens on the matrix tiles of AMX: 16 outputs x 16 tokens x 64 cells in one instruction.
#pragma once

#include "tlm/engine/data_lines.h"

#if FLEXCIM_X86

namespace flexcim {

/// sums(t, c) += the products of column c of `lane`, which has LineForm::tiles. Only where simd() is Simd::amx.
void add_matrix_tiles(Lane& lane, MatrixView<std::int32_t> sums);

}  // namespace flexcim

#endif
