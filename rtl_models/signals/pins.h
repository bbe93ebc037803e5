// The structs that travel on the signals of the pin-accurate macro (architecture.md §2, §3).
//
// A wide bus is a handle: control bits by value, and a pointer to the packed lines in a buffer that its driver owns.
// The driver never writes to the buffer that its last handle points to while a reader may still sample it: it fills
// another one, writes a handle with the next `version`, and leaves the old one untouched for at least one clock edge.
// Two handles are equal when their versions are: a driver that changes nothing leaves the version and wakes nobody.
#pragma once

#include "flow/map/geometry.h"
#include "flow/map/tile.h"

#include <systemc>

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

namespace flexcim {

/// Static configuration of the resident tile's layout; changes only with a load.
struct LayoutPins {
  std::uint8_t slots = 1;           ///< N, 1 where not compressed
  std::uint8_t blocks_per_row = 1;  ///< blocks of one lane that share a row
  std::uint8_t lanes = 1;           ///< sets of sub-macros whose psums the merger adds
  std::uint8_t block_pairs = 1;     ///< pairs a slot chooses among, 1 where not compressed
  std::uint8_t window = 1;          ///< pairs of a window that carry activations, 1..w
  bool compressed = false;  ///< cells pick a line by their metadata; otherwise a slot carries one activation on line 0
  bool scan = false;        ///< cells compare their stored index with the window on the lines
  std::uint8_t cell_weights = 1;  ///< 1, or two int4 ones that take turns, phase by phase
  std::uint16_t phases = 1;       ///< S of a pass

  int active_sub_macros() const { return slots * blocks_per_row * lanes; }
  /// Inputs of a block: 2 per pair, 1 where not compressed.
  int block_inputs() const { return compressed ? 2 * block_pairs : 1; }
  /// What of a cell multiplies in phase `index`, as LinePins::operand.
  int operand(int index) const { return cell_weights == 1 ? 0 : 1 + index % 2; }
  /// Lane of sub-macro p, which is active.
  int lane(int p) const { return p / (slots * blocks_per_row); }
  bool operator==(const LayoutPins& o) const;
};
LayoutPins layout_pins(const TileLayout& layout, int phases);

/// One beat of the weight port: the words of a column of all sub-macros and, as far as there are any left, the selects
/// of one phase.
struct LoadBeat {
  bool valid = false;
  bool last = false;                ///< of the tile: the next cycle but one may carry a phase
  std::uint16_t column = 0;         ///< 0..C-1; the selects written are those of this number
  const CellWord* words = nullptr;  ///< [P][R]
  const Phase* phase = nullptr;     ///< cell_weights phases; null where the tile has none of this number
  LayoutPins layout;                ///< of the tile; equal in all its beats
  std::uint32_t version = 0;
  bool operator==(const LoadBeat& o) const { return version == o.version; }
};

/// The activations of a pass, held until `pass_ready`.
struct PassPins {
  bool valid = false;
  const std::int8_t* activations = nullptr;  ///< [Kt]: the tile's inputs in order
  std::uint32_t version = 0;
  bool operator==(const PassPins& o) const { return version == o.version; }
};

/// What the sequencer offers to the data lines in this cycle. Registered.
struct PhaseControl {
  bool load_open = false;    ///< a load beat may take the lines; beats go before phases
  bool compute = false;      ///< a phase may take the lines
  bool shadow_open = false;  ///< shadow: the second cells may take a load beat, whatever the lines do
  bool shadow_full = false;  ///< shadow: they hold a whole tile and may be swapped in between two passes
  bool first = false;        ///< it is the first of its pass
  bool last = false;
  std::uint8_t plane = 0;                  ///< scan: the number of the window on the lines
  std::uint16_t index = 0;                 ///< number of the phase in the pass
  const Phase* phase = nullptr;            ///< selects and masks
  const std::uint16_t* outputs = nullptr;  ///< [lanes]: columns that any phase of the tile selects
  std::uint32_t tile = 0;                  ///< counts resident tiles: equal numbers, equal selects
  LayoutPins layout;
  std::uint32_t version = 0;
  bool operator==(const PhaseControl& o) const { return version == o.version; }
};

/// Who has the data lines in a cycle.
enum class LineUse : std::uint8_t { none, write, phase };

/// The arbitration that sequencer and distributor share. `go`: every active sub-macro takes a phase in this cycle.
inline LineUse line_use(const PhaseControl& control, bool load_valid, bool pass_valid, bool go) {
  if (control.load_open && load_valid) return LineUse::write;
  return control.compute && pass_valid && go ? LineUse::phase : LineUse::none;
}

/// The weight-write bus of a macro with WeightUpdate::shadow: what its second cells do in a cycle. Combinational.
struct WeightWrite {
  bool write = false;               ///< the words of a column are written; never together with a swap
  bool swap = false;                ///< the two cells of every pair exchange their roles at the end of this cycle
  std::uint16_t column = 0;         ///< write: which one
  const CellWord* words = nullptr;  ///< write: [P][R]
  std::uint32_t version = 0;
  bool operator==(const WeightWrite& o) const { return version == o.version; }
};

/// Travels with a phase through the pipeline: the next layer, laid out differently, may enter before this one is out.
struct PhaseTag {
  bool first = false;         ///< of its pass
  bool last = false;          ///< of its pass
  std::uint8_t active = 1;    ///< sub-macros that take part: 0..active-1
  std::uint8_t lanes = 1;     ///< into which they fall
  std::uint16_t outputs = 0;  ///< columns of the sub-macro's lane that any phase of the pass selects
  bool int4 = false;          ///< products are of int4 weights in the upper half of the multiplier, times 16

  /// By how many bits a psum is shifted right on its way into the psum buffer.
  int psum_shift() const { return int4 ? 4 : 0; }
};

/// The data lines of one sub-macro, with what steers its cells.
struct LinePins {
  LineUse use = LineUse::none;
  bool active = false;      ///< phase: this sub-macro takes part
  PhaseTag tag;             ///< phase
  bool compressed = false;  ///< phase: cells select a line by their metadata
  bool scan = false;        ///< phase: only cells whose stored index lies in window `plane` multiply
  std::uint8_t plane = 0;
  std::uint8_t operand = 0;  ///< phase: what multiplies, 0 the int8 weight of a cell, 1 or 2 one of its two int4 ones
  std::uint16_t column = 0;  ///< write: which one
  const std::int8_t* lines = nullptr;  ///< [R][lines()]; write: weight on line 0, metadata on line 1
  ColumnMask columns;                  ///< sel_col; write: the column written
  std::uint16_t selected = 0;          ///< columns.count()
  std::uint32_t version = 0;
  bool operator==(const LinePins& o) const { return version == o.version; }
};

/// The product register of a cell array, or a stage of the adder tree behind it: per column `terms` numbers that are
/// still to be added. A stage that nobody observes carries only their sum, in a buffer of the cell array that stays
/// untouched until log2 R + 1 further products have been latched; only the handle moves through the tree.
struct TreeStage {
  bool valid = false;
  PhaseTag tag;
  std::uint16_t selected = 0;            ///< columns of the phase; all others are zero
  const std::int32_t* sums = nullptr;    ///< [C]: the column's sum
  const std::int32_t* values = nullptr;  ///< [terms][C]: the stage's registers, null where not observed
  std::uint16_t terms = 0;               ///< registers per column
  std::uint32_t version = 0;
  bool operator==(const TreeStage& o) const { return version == o.version; }
};

/// The oldest complete entry of a psum buffer.
struct PsumEntry {
  const std::int32_t* sums = nullptr;  ///< [C]; unselected columns 0
  PhaseTag tag;                        ///< of its last phase
  std::uint32_t version = 0;
  bool operator==(const PsumEntry& o) const { return version == o.version; }
};

/// The macro's result of one pass.
struct PsumFinal {
  bool valid = false;
  std::uint8_t lanes = 1;
  const std::int32_t* sums = nullptr;  ///< [lanes][C]
  std::uint32_t version = 0;
  bool operator==(const PsumFinal& o) const { return version == o.version; }
};

std::ostream& operator<<(std::ostream& out, const LayoutPins& pins);
std::ostream& operator<<(std::ostream& out, const LoadBeat& pins);
std::ostream& operator<<(std::ostream& out, const PassPins& pins);
std::ostream& operator<<(std::ostream& out, const PhaseControl& pins);
std::ostream& operator<<(std::ostream& out, const WeightWrite& pins);
std::ostream& operator<<(std::ostream& out, const LinePins& pins);
std::ostream& operator<<(std::ostream& out, const TreeStage& pins);
std::ostream& operator<<(std::ostream& out, const PsumEntry& pins);
std::ostream& operator<<(std::ostream& out, const PsumFinal& pins);

// The control bits, for SystemC's own trace files; the packed lines are traced by rtl_models/observe/waveform.h, which
// knows their number and width.
void sc_trace(sc_core::sc_trace_file* file, const LayoutPins& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const LoadBeat& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const PassPins& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const PhaseControl& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const WeightWrite& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const LinePins& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const TreeStage& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const PsumEntry& pins, const std::string& name);
void sc_trace(sc_core::sc_trace_file* file, const PsumFinal& pins, const std::string& name);

}  // namespace flexcim
