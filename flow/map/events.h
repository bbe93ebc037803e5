// What a macro does, counted: the basis of energy (architecture.md §11). Equal in every fidelity (§10.3).
#pragma once

#include "flow/base/statistic.h"
#include "flow/map/tile.h"

#include <cstdint>

namespace flexcim {

/// Counts since the start. In a phase a *live* column is a selected column of an active sub-macro.
struct MacroEvents {
  std::uint64_t products =
      0;  ///< multiplications: R per live column and phase; in a scan only cells whose window is on the lines
  std::uint64_t int4_products = 0;     ///< those of them with one of the two int4 weights of a cell
  std::uint64_t idle_cells = 0;        ///< clock-gated cell cycles: P*R*C per phase less products
  std::uint64_t metadata_selects = 0;  ///< cells that pick among 2w lines: R per live column and phase where compressed
  std::uint64_t index_compares = 0;    ///< scan only: cells that compare their index, R per live column and phase
  std::uint64_t distributor_pairs =
      0;  ///< pairs moved by first-stage multiplexers: w per active sub-macro, row and phase (1 where not compressed)
  std::uint64_t column_adds = 0;       ///< adders of column trees: R-1 per live column and phase
  std::uint64_t psum_writes = 0;       ///< entries written or added to in psum buffers: one per live column and phase
  std::uint64_t psum_accumulates = 0;  ///< those that add to what an earlier phase of the pass wrote
  std::uint64_t merge_adds = 0;        ///< adders of the merger: (active sub-macros / lanes - 1) per output and pass
  std::uint64_t outputs = 0;           ///< psum_final values: columns that any phase selects, times lanes, per pass
  std::uint64_t cell_writes = 0;       ///< cell words written: P*R per column and load, C columns per load
  std::uint64_t phases = 0;            ///< cycles with a phase on the lines
  std::uint64_t passes = 0;
};

template <>
struct StatisticList<MacroEvents> {
  static constexpr auto list = statistics<MacroEvents>({
      {"products", "events", "multiplications", count<&MacroEvents::products>},
      {"int4_products", "events", "of these with one of two int4 weights", count<&MacroEvents::int4_products>},
      {"idle_cells", "events", "clock-gated cell cycles", count<&MacroEvents::idle_cells>},
      {"metadata_selects", "events", "cells that pick among their lines", count<&MacroEvents::metadata_selects>},
      {"index_compares", "events", "cells that compare their index", count<&MacroEvents::index_compares>},
      {"distributor_pairs", "events", "pairs moved by first-stage multiplexers",
       count<&MacroEvents::distributor_pairs>},
      {"column_adds", "events", "additions in column trees", count<&MacroEvents::column_adds>},
      {"psum_writes", "events", "psum buffer entries written", count<&MacroEvents::psum_writes>},
      {"psum_accumulates", "events", "psum buffer entries added to", count<&MacroEvents::psum_accumulates>},
      {"merge_adds", "events", "additions in the merger", count<&MacroEvents::merge_adds>},
      {"outputs", "events", "psum_final values", count<&MacroEvents::outputs>},
      {"cell_writes", "events", "cell words written", count<&MacroEvents::cell_writes>},
      {"phases", "cycles", "macro cycles with a phase on the lines", count<&MacroEvents::phases>},
      {"passes", "events", "activation vectors through a macro", count<&MacroEvents::passes>},
  });
};

/// The events of one pass of a resident tile (cell_writes excluded).
MacroEvents pass_events(const MacroGeometry& geometry, const TileLayout& layout, const Tile& tile);

/// The few counts from which a layer's events follow, summed over many loads and passes: events are linear in them.
/// Holds for tiles as a weight image has them: a pass selects each output in layout.column_phases() phases
/// (scan).
struct MacroTally {
  std::uint64_t loads = 0;
  std::uint64_t passes = 0;
  std::uint64_t phases = 0;         ///< of all passes, as are the outputs
  std::uint64_t outputs = 0;        ///< columns of all lanes that belong to the matrix
  std::uint64_t first_outputs = 0;  ///< those that the first phase of a pass selects

  /// Adds `times` times `other`.
  void add(const MacroTally& other, std::uint64_t times = 1) {
    loads += times * other.loads;
    passes += times * other.passes;
    phases += times * other.phases;
    outputs += times * other.outputs;
    first_outputs += times * other.first_outputs;
  }
};
MacroEvents macro_events(const MacroGeometry& geometry, const TileLayout& layout, const MacroTally& tally);

/// The events of loading one tile.
MacroEvents load_events(const MacroGeometry& geometry);

}  // namespace flexcim
