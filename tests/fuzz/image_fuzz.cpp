// A weight image as it lies in DRAM, which any driver may have written: eight numbers choose macro and layer, the rest
// is the image.
#include "flow/map/image.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <vector>

using namespace flexcim;

namespace {

MacroGeometry macro_of(fuzz::Numbers& numbers) {
  MacroGeometry macro;
  const std::uint64_t bits = numbers.next(2);
  macro.sub_macros = 1 + static_cast<int>(bits % 5);
  macro.rows = 1 << (bits >> 4 & 3);
  macro.cols = 1 << (bits >> 6 & 3);
  macro.pairs_per_set = 1 << (bits >> 8 & 3);
  macro.window = 1 << (bits >> 10 & 1);
  macro.int4_per_cell = 1 + static_cast<int>(bits >> 11 & 1);
  macro.weight_table_bits = (bits >> 12 & 1) != 0 ? 2 + static_cast<int>(bits >> 13 & 1) : 0;
  return macro;
}

/// What the accelerator does with a blob before it computes, and what the pin-accurate engine does.
void use_blob(const MacroGeometry& macro, const TileLayout& layout, int out, int o, const DirectoryEntry& entry,
              const std::vector<std::uint8_t>& blob) {
  BlobView view;
  if (view_blob(macro, layout, out, o, entry, blob.data(), view) != ImageError::none) return;
  if (layout.table_bits != 0) return;  // nothing here looks weights up
  const Tile tile = unpack_blob(macro, layout, out, o, view);
  MacroTally tally;
  add_pass(macro, layout, out, o, view, tally);
  if (tally.phases != tile.phases.size()) fuzz::finding("phases of the blob and of the tile differ");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Numbers numbers(fuzz::text_of(data, size));
  const MacroGeometry macro = macro_of(numbers);
  fuzz::takes("", [&] {
    macro.validate();
    const std::vector<Pattern> patterns = supported_patterns(macro);
    const Pattern pattern = patterns[numbers.next(1) % patterns.size()];
    const auto sequencing = static_cast<Sequencing>(numbers.next(1) % 3);
    const auto merge = static_cast<MergeMode>(numbers.next(1) % 2);
    const int bits = numbers.next(1) % 2 == 0 ? 8 : 4;
    const TileLayout layout = make_layout(macro, pattern, sequencing, merge, "layer", bits);
    const int out = 1 + static_cast<int>(numbers.next(1) % 40), in = 1 + static_cast<int>(numbers.next(1) % 40);
    const TileGrid grid = tile_grid(layout, out, in);
    // Exactly as many bytes as the image has: what is read beyond it is a finding.
    const std::vector<std::uint8_t> image(numbers.rest().begin(), numbers.rest().end());
    for (int i = 0; i < grid.count(); ++i) {
      const std::size_t at = static_cast<std::size_t>(i) * kDirectoryEntryBytes;
      if (image.size() < at + kDirectoryEntryBytes) return;
      const DirectoryEntry entry = read_directory_entry(image.data() + at);
      const int o = i / grid.inputs;
      if (check_entry(macro, layout, out, o, entry) != ImageError::none) continue;
      if (entry.offset > image.size() || entry.bytes > image.size() - entry.offset) continue;
      const auto begin = image.begin() + entry.offset;
      use_blob(macro, layout, out, o, entry, {begin, begin + entry.bytes});
    }
  });
  return 0;
}
