#include "rtl_models/signals/pins.h"

namespace flexcim {

bool LayoutPins::operator==(const LayoutPins& o) const {
  return slots == o.slots && blocks_per_row == o.blocks_per_row && lanes == o.lanes && block_pairs == o.block_pairs &&
         window == o.window && compressed == o.compressed && scan == o.scan && cell_weights == o.cell_weights &&
         phases == o.phases;
}

LayoutPins layout_pins(const TileLayout& layout, int phases) {
  LayoutPins pins;
  pins.slots = static_cast<std::uint8_t>(layout.slots);
  pins.blocks_per_row = static_cast<std::uint8_t>(layout.blocks_per_row);
  pins.lanes = static_cast<std::uint8_t>(layout.lanes);
  pins.block_pairs = static_cast<std::uint8_t>(layout.block_pairs);
  pins.window = static_cast<std::uint8_t>(layout.window);
  pins.compressed = layout.compressed;
  pins.scan = layout.compares_index;
  pins.cell_weights = static_cast<std::uint8_t>(layout.cell_weights);
  pins.phases = static_cast<std::uint16_t>(phases);
  return pins;
}

std::ostream& operator<<(std::ostream& out, const LayoutPins& pins) {
  return out << int{pins.slots} << " slots, " << int{pins.blocks_per_row} << " blocks, " << int{pins.lanes}
             << " lanes, " << int{pins.block_pairs} << " pairs, window " << int{pins.window}
             << (pins.scan ? ", scan" : "") << (pins.cell_weights > 1 ? ", int4" : "") << ", " << pins.phases
             << " phases";
}

std::ostream& operator<<(std::ostream& out, const LoadBeat& pins) {
  return pins.valid ? out << "column " << pins.column << (pins.last ? " last" : "") : out << "none";
}

std::ostream& operator<<(std::ostream& out, const PassPins& pins) {
  return out << (pins.valid ? "pass" : "none") << " #" << pins.version;
}

std::ostream& operator<<(std::ostream& out, const PhaseControl& pins) {
  return out << (pins.load_open ? "load_open " : "") << (pins.compute ? "compute " : "") << "phase " << pins.index;
}

std::ostream& operator<<(std::ostream& out, const WeightWrite& pins) {
  if (pins.write) return out << "write " << pins.column;
  return out << (pins.swap ? "swap" : "none");
}

std::ostream& operator<<(std::ostream& out, const LinePins& pins) {
  switch (pins.use) {
    case LineUse::write:
      return out << "write " << pins.column;
    case LineUse::phase:
      return out << "phase" << (pins.tag.first ? " first" : "") << (pins.tag.last ? " last" : "");
    case LineUse::none:
      break;
  }
  return out << "none";
}

std::ostream& operator<<(std::ostream& out, const TreeStage& pins) {
  return out << (pins.valid ? "valid" : "bubble") << (pins.tag.first ? " first" : "") << (pins.tag.last ? " last" : "");
}

std::ostream& operator<<(std::ostream& out, const PsumEntry& pins) { return out << "entry #" << pins.version; }

std::ostream& operator<<(std::ostream& out, const PsumFinal& pins) {
  return out << (pins.valid ? "valid" : "none") << " #" << pins.version;
}

void sc_trace(sc_core::sc_trace_file* file, const LayoutPins& pins, const std::string& name) {
  using sc_core::sc_trace;
  sc_trace(file, pins.slots, name + ".slots", 8);
  sc_trace(file, pins.lanes, name + ".lanes", 8);
  sc_trace(file, pins.phases, name + ".phases", 16);
}

void sc_trace(sc_core::sc_trace_file* file, const LoadBeat& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
  sc_core::sc_trace(file, pins.last, name + ".last");
  sc_core::sc_trace(file, pins.column, name + ".column", 16);
}

void sc_trace(sc_core::sc_trace_file* file, const PassPins& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
}

void sc_trace(sc_core::sc_trace_file* file, const PhaseControl& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.load_open, name + ".load_open");
  sc_core::sc_trace(file, pins.compute, name + ".compute");
  sc_core::sc_trace(file, pins.index, name + ".index", 16);
}

void sc_trace(sc_core::sc_trace_file* file, const WeightWrite& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.write, name + ".write");
  sc_core::sc_trace(file, pins.swap, name + ".swap");
  sc_core::sc_trace(file, pins.column, name + ".column", 16);
}

void sc_trace(sc_core::sc_trace_file* file, const LinePins& pins, const std::string& name) {
  sc_core::sc_trace(file, reinterpret_cast<const unsigned char&>(pins.use), name + ".use", 2);
  sc_core::sc_trace(file, pins.tag.first, name + ".first");
  sc_core::sc_trace(file, pins.tag.last, name + ".last");
}

void sc_trace(sc_core::sc_trace_file* file, const TreeStage& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
  sc_core::sc_trace(file, pins.tag.first, name + ".first");
  sc_core::sc_trace(file, pins.tag.last, name + ".last");
}

void sc_trace(sc_core::sc_trace_file* file, const PsumEntry& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.version, name + ".version", 32);
}

void sc_trace(sc_core::sc_trace_file* file, const PsumFinal& pins, const std::string& name) {
  sc_core::sc_trace(file, pins.valid, name + ".valid");
}

}  // namespace flexcim
