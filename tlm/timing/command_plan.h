// How a command is cut into token tiles and array tiles (docs/architecture.md §7): arithmetic only, no time.
#pragma once

#include "flow/map/tile.h"
#include "tlm/interface/descriptor.h"
#include "tlm/timing/buffer_parameters.h"

#include <cstdint>

namespace flexcim {

/// Parameters of the accelerator; the defaults are one published macro.
struct AcceleratorParameters {
  static constexpr int most_macros = 64;  ///< along each side of the array

  MacroGeometry macro;
  ArrayShape array;
  WeightUpdate weight_update = WeightUpdate::blocking;
  std::int64_t clock_ps = 2000;  ///< 500 MHz
  /// Holds one token tile's inputs, those of one token behind those of the other. 1024 bytes per cycle never stretch a
  /// pass of the published macro.
  BufferParameters activation{64 << 10, 1024};
  BufferParameters weight{64 << 10, 256};  ///< two halves: one is filled while the other is loaded into the macros
  BufferParameters output{64 << 10, 128};  ///< two halves of int32 accumulators: one is written back while one fills
  bool weights_resident = false;  ///< all weights on chip: no weight traffic, no limit by the weight buffer's size

  /// Throws InputError naming the parameter.
  void validate() const;
};

/// Steps [begin, end) of a loop that are left out, since what they cost is known from others like them; none where both
/// are 0. Neither the first nor the last one is.
struct Gap {
  int begin = 0, end = 0;

  int size() const { return end - begin; }
  /// The step behind `step`.
  int next(int step) const { return step + 1 == begin ? end : step + 1; }
};

/// The loop nest of a gemm: token tiles, then array tiles along `out`, then array tiles along `in`.
struct CommandPlan {
  /// A row of array tiles.
  struct Row {
    int token_tile = 0, row = 0;
  };

  TileLayout layout;
  TileGrid grid;  ///< of macro tiles
  int out = 0, in = 0, tokens = 0;
  bool resident = false;  ///< its weights are on chip and cause no traffic
  int array_inputs = 0;   ///< inputs of an array tile, macros_k * Kt
  int array_outputs = 0;  ///< outputs of an array tile
  int rows = 0;           ///< array tiles along `out`
  int cols = 0;           ///< array tiles along `in`
  int token_tile = 0;     ///< tokens of a full token tile
  int token_tiles = 0;
  std::uint64_t output_bytes = 0;  ///< that one token takes of the two halves of the output buffer: whole words
  Gap token_tile_gap, row_gap;     ///< the latter in every token tile

  int tokens_in(int token_tile_index) const;  ///< of a token tile
  int inputs_in(int col) const;               ///< of an array tile, inside the layer
  int outputs_in(int row) const;
  /// The row behind one; in token tile `token_tiles` there is none.
  Row next(Row row) const {
    row.row = row_gap.next(row.row);
    return row.row < rows ? row : Row{token_tile_gap.next(row.token_tile), 0};
  }
  /// Bytes that one token takes of the activation buffer.
  std::uint64_t activation_bytes() const { return static_cast<std::uint64_t>(in); }
  std::uint64_t array_tiles() const { return static_cast<std::uint64_t>(token_tiles) * rows * cols; }
};

/// Plans a valid descriptor. A token tile has as many tokens as fit the activation buffer (one byte per input)
/// and half of the output buffer. Returns activations_do_not_fit or outputs_do_not_fit where not one does.
ErrorCode make_plan(const Descriptor& descriptor, const TileLayout& layout, const AcceleratorParameters& parameters,
                    CommandPlan& plan);

/// Bytes that the parts of the weight buffer need, so that each has room for the largest array tile of an image with
/// this directory; 0 where weights are resident.
std::uint64_t weight_bytes(const CommandPlan& plan, const AcceleratorParameters& parameters,
                           const std::uint8_t* directory);

/// Cycles of a pass through an array tile of column `col` whose longest macro tile has `phases` phases: longer where
/// the activation buffer needs longer for its inputs or the output buffer for its accumulators.
std::uint64_t array_pass_cycles(const CommandPlan& plan, const AcceleratorParameters& parameters, int row, int col,
                                std::uint64_t phases);

}  // namespace flexcim
