#include "flow/map/select_finder.h"
#include "flow/map/tile.h"

#include <algorithm>

namespace flexcim {
namespace {

/// Fills one tile, lane by lane; a lane is C columns over the blocks of its sub-macros. `which` is 0 but for the second
/// weights of cells with two.
class TileMapper {
 public:
  TileMapper(const MacroGeometry& geometry, const TileLayout& layout, const PackedLinear& linear, int o, int k)
      : g_(geometry),
        layout_(layout),
        linear_(linear),
        first_channel_(o * layout.tile_outputs),
        first_input_(k * layout.tile_inputs) {
    tile_.cells.resize(static_cast<std::size_t>(g_.cells()));
  }

  Tile map() {
    if (!layout_.compressed) {
      map_uncompressed();
    } else if (layout_.compares_index) {
      map_scan();
    } else {
      map_grouped();
    }
    return std::move(tile_);
  }

 private:
  using LaneStates = std::vector<SelectFinder::State>;  ///< by state()

  struct ColumnGroup {
    ColumnMask columns;
    LaneStates states;
  };

  int columns_used(int lane) const { return std::clamp(linear_.out - first_channel_ - lane * g_.cols, 0, g_.cols); }
  int channel(int lane, int column) const { return first_channel_ + lane * g_.cols + column; }
  int sub_macro(int lane, int block, int slot) const {
    return (lane * layout_.blocks_per_row + block) * layout_.slots + slot;
  }
  /// First input of a block; may lie beyond the matrix.
  int block_input(int which, int row, int block) const {
    return first_input_ + which * layout_.weight_inputs() +
           (row * layout_.blocks_per_row + block) * layout_.block_inputs;
  }
  void put(int which, int column, int p, int row, CellWord word) {
    CellWord& cell = tile_.cells[tile_.cell(g_, column, p, row)];
    if (layout_.cell_weights == 1) {
      cell = word;
    } else {
      cell = which == 0 ? join_int4(word, int4_of(cell, 1)) : join_int4(int4_of(cell, 0), word);
    }
  }

  /// The phase of the `group`-th selects.
  Phase& phase(std::size_t group, int which) {
    const std::size_t index = group * static_cast<std::size_t>(layout_.cell_weights) + static_cast<std::size_t>(which);
    while (tile_.phases.size() <= index) {
      Phase fresh;
      fresh.bases.assign(static_cast<std::size_t>(g_.sub_macros) * g_.rows, 0);
      fresh.columns.resize(static_cast<std::size_t>(layout_.lanes));
      tile_.phases.push_back(std::move(fresh));
    }
    return tile_.phases[index];
  }

  /// Phases with every used column selected and base `base` everywhere.
  void full_phases(std::size_t group, int base) {
    for (int which = 0; which < layout_.cell_weights; ++which) {
      Phase& full = phase(group, which);
      std::fill(full.bases.begin(), full.bases.end(), static_cast<std::uint8_t>(base));
      for (int lane = 0; lane < layout_.lanes; ++lane) {
        for (int c = 0; c < columns_used(lane); ++c) full.columns[lane].set(c);
      }
    }
  }

  BlockDemand demand(int which, int row, int block, int channel_index, std::int8_t* values) const {
    BlockDemand found;
    const int input = block_input(which, row, block);
    if (input >= linear_.in) return found;
    for (int n = 0; n < linear_.pattern.n; ++n) {
      const std::size_t e = linear_.entry(channel_index, input / linear_.pattern.m, n);
      if (linear_.indices[e] == PackedLinear::kEmpty) continue;
      if (values != nullptr) values[found.count] = linear_.values[e];
      found.indices[found.count++] = linear_.indices[e];
    }
    return found;
  }

  /// Dense weights and dense_slot: input r*Q+q sits alone in its slot, zeros are stored.
  void map_uncompressed() {
    full_phases(0, 0);
    for_each_block([&](int lane, int c, int which, int row, int block) {
      const std::int8_t weight = weight_at(channel(lane, c), block_input(which, row, block));
      put(which, c, sub_macro(lane, block, 0), row, {weight, 0});
    });
  }

  std::int8_t weight_at(int channel_index, int input) const {
    if (input >= linear_.in) return 0;
    for (int n = 0; n < linear_.pattern.n; ++n) {
      const std::size_t e = linear_.entry(channel_index, input / linear_.pattern.m, n);
      if (linear_.indices[e] == input % linear_.pattern.m) return linear_.values[e];
    }
    return 0;
  }

  /// Any slot serves any element: phase k shows every slot window k, and the cell compares its stored index.
  void map_scan() {
    for (int k = 0; k < layout_.scan_phases; ++k) full_phases(k, k * layout_.window);
    for_each_block([&](int lane, int c, int which, int row, int block) {
      std::int8_t values[kMaxSlots];
      const BlockDemand kept = demand(which, row, block, channel(lane, c), values);
      for (int i = 0; i < kept.count; ++i) {
        put(which, c, sub_macro(lane, block, i), row, {values[i], kept.indices[i]});
      }
    });
  }

  void map_grouped() {
    SelectFinder finder(layout_.slots, layout_.block_pairs, layout_.window);
    phase(0, layout_.cell_weights - 1);
    for (int lane = 0; lane < layout_.lanes; ++lane) {
      const std::vector<ColumnGroup> groups = column_groups(finder, lane);
      for (std::size_t i = 0; i < groups.size(); ++i) place_group(finder, lane, groups[i], i);
    }
  }

  /// First fit: a column joins the first group whose selects, in every block, can still serve it too.
  std::vector<ColumnGroup> column_groups(SelectFinder& finder, int lane) const {
    std::vector<ColumnGroup> groups;
    const std::size_t blocks = state(layout_.cell_weights, 0, 0);
    std::vector<BlockDemand> demands(blocks);
    for (int c = 0; c < columns_used(lane); ++c) {
      for_each_block_of_column([&](int which, int row, int block) {
        demands[state(which, row, block)] = demand(which, row, block, channel(lane, c), nullptr);
      });
      auto group = std::find_if(groups.begin(), groups.end(), [&](const ColumnGroup& candidate) {
        for (std::size_t b = 0; b < blocks; ++b) {
          if (!finder.can_join(candidate.states[b], demands[b])) return false;
        }
        return true;
      });
      if (group == groups.end()) {
        groups.push_back({{}, LaneStates(blocks)});
        group = std::prev(groups.end());
      }
      group->columns.set(c);
      for (std::size_t b = 0; b < blocks; ++b) finder.join(group->states[b], demands[b]);
    }
    return groups;
  }

  void place_group(const SelectFinder& finder, int lane, const ColumnGroup& group, std::size_t number) {
    for (int which = 0; which < layout_.cell_weights; ++which) phase(number, which).columns[lane] = group.columns;
    for_each_block_of_column([&](int which, int row, int block) {
      const GroupSelects selects = finder.choose(group.states[state(which, row, block)]);
      Phase& own = phase(number, which);
      for (int n = 0; n < layout_.slots; ++n) {
        own.bases[static_cast<std::size_t>(sub_macro(lane, block, n)) * g_.rows + row] = selects.base[n];
      }
      for (int c = 0; c < g_.cols; ++c) {
        if (group.columns.test(c)) place_block(selects, lane, c, which, row, block);
      }
    });
  }

  void place_block(const GroupSelects& selects, int lane, int c, int which, int row, int block) {
    std::int8_t values[kMaxSlots];
    std::uint8_t slot_of[kMaxSlots];
    const BlockDemand kept = demand(which, row, block, channel(lane, c), values);
    match_slots(selects, kept.indices.data(), kept.count, slot_of);
    for (int i = 0; i < kept.count; ++i) {
      const int offset = window_offset(selects.base[slot_of[i]], kept.indices[i] / 2, selects.pairs);
      put(which, c, sub_macro(lane, block, slot_of[i]), row,
          {values[i], static_cast<std::uint8_t>(2 * offset + kept.indices[i] % 2)});
    }
  }

  /// Number of a block in LaneStates.
  std::size_t state(int which, int row, int block) const {
    return (static_cast<std::size_t>(which) * g_.rows + row) * layout_.blocks_per_row + block;
  }

  template <class Visit>
  void for_each_block_of_column(Visit visit) const {
    for (int which = 0; which < layout_.cell_weights; ++which) {
      for (int row = 0; row < g_.rows; ++row) {
        for (int block = 0; block < layout_.blocks_per_row; ++block) visit(which, row, block);
      }
    }
  }

  template <class Visit>
  void for_each_block(Visit visit) const {
    for (int lane = 0; lane < layout_.lanes; ++lane) {
      for (int c = 0; c < columns_used(lane); ++c) {
        for_each_block_of_column([&](int which, int row, int block) { visit(lane, c, which, row, block); });
      }
    }
  }

  const MacroGeometry& g_;
  const TileLayout& layout_;
  const PackedLinear& linear_;
  int first_channel_;
  int first_input_;
  Tile tile_;
};

int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace

TileGrid tile_grid(const TileLayout& layout, int out, int in) {
  return {ceil_div(out, layout.tile_outputs), ceil_div(in, layout.tile_inputs)};
}

Tile map_tile(const MacroGeometry& geometry, const TileLayout& layout, const PackedLinear& linear, int o, int k) {
  return TileMapper(geometry, layout, linear, o, k).map();
}

}  // namespace flexcim
