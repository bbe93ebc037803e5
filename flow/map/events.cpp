#include "flow/map/events.h"

namespace flexcim {
MacroEvents pass_events(const MacroGeometry& geometry, const TileLayout& layout, const Tile& tile) {
  const std::uint64_t rows = geometry.rows;
  const std::uint64_t subs_per_lane = static_cast<std::uint64_t>(layout.slots) * layout.blocks_per_row;
  MacroEvents events;
  std::vector<ColumnMask> selected(layout.lanes);
  int number = 0;
  for (const Phase& phase : tile.phases) {
    std::uint64_t live = 0;
    for (int lane = 0; lane < layout.lanes; ++lane) {
      live += phase.columns[lane].count() * subs_per_lane;
      selected[lane] |= phase.columns[lane];
    }
    if (layout.compressed) events.metadata_selects += rows * live;
    if (layout.compares_index) events.index_compares += rows * live;
    // A weight whose cell compares an index meets its window in exactly one phase of the pass.
    if (!layout.compares_index || number < layout.cell_weights) events.products += rows * live;
    events.column_adds += (rows - 1) * live;
    events.psum_writes += live;
    if (number > 0) events.psum_accumulates += live;
    events.distributor_pairs += static_cast<std::uint64_t>(layout.active_sub_macros()) * rows * layout.window;
    ++number;
  }
  events.phases = tile.phases.size();
  events.passes = 1;
  if (layout.cell_weights == 2) events.int4_products = events.products;
  events.idle_cells = events.phases * geometry.cells() - events.products;
  for (const ColumnMask& mask : selected) events.outputs += mask.count();
  events.merge_adds = events.outputs * (subs_per_lane - 1);
  return events;
}

MacroEvents macro_events(const MacroGeometry& geometry, const TileLayout& layout, const MacroTally& tally) {
  const auto rows = static_cast<std::uint64_t>(geometry.rows), cells = static_cast<std::uint64_t>(geometry.cells());
  const std::uint64_t subs_per_lane = static_cast<std::uint64_t>(layout.slots) * layout.blocks_per_row;
  const std::uint64_t first_live = tally.first_outputs * subs_per_lane;
  const std::uint64_t live = tally.outputs * subs_per_lane * static_cast<std::uint64_t>(layout.column_phases());
  MacroEvents events;
  if (layout.compressed) events.metadata_selects = rows * live;
  if (layout.compares_index) events.index_compares = rows * live;
  events.products =
      rows * (layout.compares_index ? first_live * static_cast<std::uint64_t>(layout.cell_weights) : live);
  if (layout.cell_weights == 2) events.int4_products = events.products;
  events.column_adds = (rows - 1) * live;
  events.psum_writes = live;
  events.psum_accumulates = live - first_live;
  events.distributor_pairs =
      tally.phases * static_cast<std::uint64_t>(layout.active_sub_macros()) * rows * layout.window;
  events.phases = tally.phases;
  events.passes = tally.passes;
  events.idle_cells = tally.phases * cells - events.products;
  events.outputs = tally.outputs;
  events.merge_adds = tally.outputs * (subs_per_lane - 1);
  events.cell_writes = tally.loads * cells;
  return events;
}

MacroEvents load_events(const MacroGeometry& geometry) {
  MacroEvents events;
  events.cell_writes = static_cast<std::uint64_t>(geometry.cells());
  return events;
}

}  // namespace flexcim
