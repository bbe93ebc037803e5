// The pins of a macro as plain values: what both descriptions are given and what they must show in a cycle.
#pragma once

#include "flow/map/tile.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A tile as it is loaded.
struct TestTile {
  TileLayout layout;
  Tile tile;
  bool broadcast = false;  ///< all lanes have equal selects: RTL may feed lane 0's sets only
};

/// The inputs of one cycle. What the pointers point to stays as it is while they are on the pins and one edge longer.
struct MacroInputs {
  bool reset = false;
  bool enable = true;
  bool final_ready = true;
  bool swap = false;  ///< shadow only

  const TestTile* beat = nullptr;  ///< of which tile a column is on the weight port; null: load_valid low
  int column = 0;
  bool last = false;

  const std::int8_t* activations = nullptr;  ///< [Kt]; null: pass_valid low
  const TestTile* resident = nullptr;        ///< the tile they are for
};

/// The outputs of one cycle, settled. Where final_valid is low, lanes and sums are 0 and empty.
struct MacroOutputs {
  bool load_ready = false;
  bool pass_ready = false;
  bool final_valid = false;
  bool swap_ready = false;  ///< low where there is no shadow
  int lanes = 0;
  std::vector<std::int32_t> sums;  ///< [lanes][C]

  bool operator==(const MacroOutputs& o) const {
    return load_ready == o.load_ready && pass_ready == o.pass_ready && final_valid == o.final_valid &&
           swap_ready == o.swap_ready && lanes == o.lanes && sums == o.sums;
  }
};

/// For the message of a comparison that failed.
std::string to_string(const MacroOutputs& outputs);

}  // namespace flexcim
