#include "platform/energy/switching.h"

#include "platform/energy/macro_structure.h"

namespace flexcim {

ToggleGroups toggle_groups(const MacroToggles& toggles, const MacroEvents& events, const MacroGeometry& g,
                           int cell_bits) {
  std::uint64_t tree_bits = 0;  // of one column
  for (const TreeLevel& level : column_tree(g)) {
    tree_bits += static_cast<std::uint64_t>(level.adders) * static_cast<std::uint64_t>(level.register_bits);
  }
  const auto columns = g.rows > 1 ? events.column_adds / static_cast<std::uint64_t>(g.rows - 1) : 0;
  const int merged = g.column_psum_bits() + g.merged_psum_bits();
  MacroToggles bits;
  bits.lines = events.distributor_pairs * static_cast<std::uint64_t>(pair_bits(g));
  bits.selects = toggles.select_bits;
  bits.products = events.products * MacroGeometry::product_bits;
  bits.column_trees = columns * tree_bits;
  bits.psum_buffers = events.psum_writes * static_cast<std::uint64_t>(g.column_psum_bits());
  bits.merger = (events.merge_adds + events.outputs) * static_cast<std::uint64_t>(merged);
  bits.weight_load = events.cell_writes * static_cast<std::uint64_t>(cell_bits);
  ToggleGroups groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto& group = StatisticList<MacroToggles>::list[i];
    groups[i] = {group.name, group.of(toggles), group.of(bits)};
  }
  return groups;
}

SwitchingActivity SwitchingActivity::assumed(double activity) {
  return {activity, activity, activity, activity, activity, activity};
}

SwitchingActivity SwitchingActivity::measured(const ToggleGroups& groups) {
  return {groups[0].activity(), groups[1].activity(), groups[2].activity(),
          groups[3].activity(), groups[4].activity(), groups[5].activity()};
}

}  // namespace flexcim
