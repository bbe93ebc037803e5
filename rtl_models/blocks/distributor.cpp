#include "rtl_models/blocks/distributor.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

Distributor::Distributor(const sc_core::sc_module_name& name, const MacroGeometry& geometry)
    : sc_module(name),
      lines("lines", geometry.sub_macros),
      geometry_(geometry),
      buffers_(geometry.sub_macros, std::vector<std::int8_t>(line_bytes())),
      pins_(geometry.sub_macros) {
  SC_HAS_PROCESS(Distributor);
  SC_METHOD(drive);
  sensitive << control << load << pass << go;
}

int Distributor::route(const LayoutPins& layout, int p) {
  const bool selects = layout.compressed && !layout.scan;
  return layout.lanes > 1 && !selects ? p % (layout.slots * layout.blocks_per_row) : p;
}

void Distributor::drive() {
  switch (line_use(control.read(), load.read().valid, pass.read().valid, go.read())) {
    case LineUse::write:
      return drive_write();
    case LineUse::phase:
      return drive_phase();
    case LineUse::none:
      break;
  }
  if (pins_[0].use == LineUse::none) return;
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    pins_[p].use = LineUse::none;
    ++pins_[p].version;
    lines[p].write(pins_[p]);
  }
}

void Distributor::drive_write() {
  const LoadBeat& beat = load.read();
  prepared_ = 0;
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    const CellWord* words = beat.words + static_cast<std::size_t>(p) * geometry_.rows;
    for (int r = 0; r < geometry_.rows; ++r) {
      std::int8_t* line = buffers_[p].data() + static_cast<std::size_t>(r) * geometry_.lines();
      line[0] = words[r].weight;
      if (geometry_.lines() > 1) line[1] = static_cast<std::int8_t>(words[r].metadata);
    }
    LinePins& pins = pins_[p];
    pins.use = LineUse::write;
    pins.column = beat.column;
    pins.columns.reset();
    pins.columns.set(beat.column);
    pins.selected = 1;
    pins.lines = buffers_[p].data();
    ++pins.version;
    lines[p].write(pins);
  }
}

void Distributor::drive_phase() {
  const PhaseControl& now = control.read();
  if (now.version != prepared_) prepare(now);
  const std::int8_t* activations = pass.read().activations;
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    LinePins& pins = pins_[p];
    pins.use = LineUse::phase;
    if (pins.active && pins.lines == buffers_[p].data()) select_first_stage(now, p, activations, buffers_[p].data());
    ++pins.version;
    lines[p].write(pins);
  }
}

/// All pins but the activations: what a phase has in common with the same phase of the next pass.
void Distributor::prepare(const PhaseControl& now) {
  prepared_ = now.version;
  resolve(now);
  const LayoutPins& layout = now.layout;
  const int active = layout.active_sub_macros();
  for (int p = 0; p < geometry_.sub_macros; ++p) {
    LinePins& pins = pins_[p];
    pins.active = p < active;
    if (!pins.active) continue;
    pins.lines = buffers_[route(layout, p)].data();
    pins.tag = {now.first,
                now.last,
                static_cast<std::uint8_t>(active),
                layout.lanes,
                now.outputs[layout.lane(p)],
                layout.cell_weights > 1};
    pins.compressed = layout.compressed;
    pins.scan = layout.scan;
    pins.plane = now.plane;
    pins.operand = static_cast<std::uint8_t>(layout.operand(now.index));
    pins.columns = now.phase->columns[layout.lane(p)];
    pins.selected = selected_[now.index][layout.lane(p)];
  }
}

void Distributor::select_first_stage(const PhaseControl& pins, int p, const std::int8_t* activations,
                                     std::int8_t* lines_of_p) {
  const int window = pins.layout.window;
  const std::uint32_t* source = sources_[pins.index].data() + static_cast<std::size_t>(p) * geometry_.rows * window;
  const int stride = geometry_.lines();
  if (!pins.layout.compressed) {
    for (int r = 0; r < geometry_.rows; ++r, lines_of_p += stride) *lines_of_p = activations[source[r]];
  } else if (2 * window == stride) {
    for (int i = 0; i < geometry_.rows * window; ++i, lines_of_p += 2) {
      std::memcpy(lines_of_p, activations + source[i], 2);
    }
  } else {
    for (int r = 0; r < geometry_.rows; ++r, lines_of_p += stride - 2 * window) {
      for (int j = 0; j < window; ++j, ++source, lines_of_p += 2) std::memcpy(lines_of_p, activations + *source, 2);
    }
  }
}

/// Resolves the selects of a phase once per resident tile. Lines that the tile does not drive are grounded.
void Distributor::resolve(const PhaseControl& pins) {
  if (pins.tile != sources_tile_) {
    sources_tile_ = pins.tile;
    sources_.assign(pins.layout.phases, {});
    selected_.assign(pins.layout.phases, {});
    for (auto& buffer : buffers_) std::fill(buffer.begin(), buffer.end(), std::int8_t{0});
  }
  std::vector<std::uint32_t>& found = sources_[pins.index];
  if (!found.empty()) return;
  const LayoutPins& layout = pins.layout;
  for (const ColumnMask& mask : pins.phase->columns) {
    selected_[pins.index].push_back(static_cast<std::uint16_t>(mask.count()));
  }
  const int half = geometry_.rows * layout.blocks_per_row * layout.block_inputs();
  const int first_of_phase = layout.operand(pins.index) == 2 ? half : 0;
  for (int p = 0; p < layout.active_sub_macros(); ++p) {
    const int block = p / layout.slots % layout.blocks_per_row;
    for (int r = 0; r < geometry_.rows; ++r) {
      const int base = pins.phase->bases[static_cast<std::size_t>(p) * geometry_.rows + r];
      const int first = first_of_phase + (r * layout.blocks_per_row + block) * layout.block_inputs();
      for (int j = 0; j < layout.window; ++j) {
        found.push_back(static_cast<std::uint32_t>(first + 2 * ((base + j) % layout.block_pairs)));
      }
    }
  }
}

}  // namespace flexcim
