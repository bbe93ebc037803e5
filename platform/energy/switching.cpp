#include "platform/energy/switching.h"

#include "platform/energy/macro_structure.h"

namespace flexcim {
namespace {

constexpr std::uint64_t kPairBits = 16;

}  // namespace

ToggleGroups toggle_groups(const MacroToggles& toggles, const MacroEvents& events, const MacroGeometry& g,
                           int cell_bits) {
  std::uint64_t tree_bits = 0;  // of one column
  for (const TreeLevel& level : column_tree(g)) {
    tree_bits += static_cast<std::uint64_t>(level.adders) * static_cast<std::uint64_t>(level.register_bits);
  }
  const auto columns = g.rows > 1 ? events.column_adds / static_cast<std::uint64_t>(g.rows - 1) : 0;
  const int merged = g.column_psum_bits() + g.merged_psum_bits();
  return {
      {{"lines", toggles.lines, events.distributor_pairs * kPairBits},
       {"selects", toggles.selects, toggles.select_bits},
       {"products", toggles.products, events.products * MacroGeometry::product_bits},
       {"column_trees", toggles.column_trees, columns * tree_bits},
       {"psum_buffers", toggles.psum_buffers, events.psum_writes * static_cast<std::uint64_t>(g.column_psum_bits())},
       {"merger", toggles.merger, (events.merge_adds + events.outputs) * static_cast<std::uint64_t>(merged)},
       {"weight_load", toggles.weight_load, events.cell_writes * static_cast<std::uint64_t>(cell_bits)}}};
}

SwitchingActivity SwitchingActivity::assumed(double activity) {
  return {activity, activity, activity, activity, activity, activity};
}

SwitchingActivity SwitchingActivity::measured(const ToggleGroups& groups) {
  return {groups[0].activity(), groups[1].activity(), groups[2].activity(),
          groups[3].activity(), groups[4].activity(), groups[5].activity()};
}

}  // namespace flexcim
