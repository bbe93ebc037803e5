#include "rtl_models/observe/macro_waveform.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace flexcim {
namespace {

constexpr int kShownElements = 4;

const char* use_name(LineUse use) {
  switch (use) {
    case LineUse::none:
      return "none";
    case LineUse::write:
      return "write";
    case LineUse::phase:
      return "phase";
  }
  return "?";
}

/// The `count` elements behind the handle of `signal`, if it changed. `data` gives the address, null for all zero.
template <class Element, class Pins, class Data>
auto bus_reader(const sc_core::sc_signal_in_if<Pins>& signal, int count, Data data) {
  return [&signal, count, data, last = ~std::uint32_t{0}]() mutable -> std::optional<Packed<Element>> {
    const Pins& pins = signal.read();
    if (pins.version == last) return std::nullopt;
    last = pins.version;
    const Element* elements = data(pins);
    return Packed<Element>{elements, elements == nullptr ? 0 : count};
  };
}

class MacroSignals {
 public:
  MacroSignals(Waveform& waveform, const std::string& scope, Macro& macro)
      : waveform_(waveform), scope_(scope), macro_(macro), g_(macro.geometry()) {}

  void add() {
    add_control();
    add_inputs();
    if (macro_.weight_update() == WeightUpdate::shadow) add_shadow();
    for (int p = 0; p < g_.sub_macros; ++p) add_sub_macro(p);
    add_merger();
    add_psum_final();
    if (registers_) macro_.observe(true);
  }

 private:
  template <class Read>
  void flag(const std::string& scope, const std::string& name, const std::string& group, Read read) {
    waveform_.add({scope, name, group, 1, Radix::bit, true}, std::move(read));
  }

  template <class Read>
  void number(const std::string& scope, const std::string& name, const std::string& group, int width, Radix radix,
              Read read) {
    waveform_.add({scope, name, group, width, radix, true}, std::move(read));
  }

  void add_control() {
    const std::string group = scope_ + ": control";
    Macro& m = macro_;
    flag(scope_, "reset", group, [&m] { return m.reset.read(); });
    flag(scope_, "enable", group, [&m] { return m.enable.read(); });
    waveform_.add({scope_ + ".sequencer", "state", group, 1, Radix::text, true},
                  [&m] { return to_string(m.sequencer.state()); });
    flag(scope_, "load_valid", group, [&m] { return m.load.read().valid; });
    flag(scope_, "load_ready", group, [&m] { return m.load_ready.read(); });
    number(scope_, "load_column", group, 8, Radix::unsigned_decimal, [&m] { return m.load.read().column; });
    flag(scope_, "pass_valid", group, [&m] { return m.pass.read().valid; });
    flag(scope_, "pass_ready", group, [&m] { return m.pass_ready.read(); });
    number(scope_ + ".sequencer", "phase", group, 16, Radix::unsigned_decimal, [&m] { return m.control.read().index; });
    number(scope_ + ".sequencer", "window", group, 4, Radix::unsigned_decimal, [&m] { return m.control.read().plane; });
    flag(scope_ + ".sequencer", "go", group, [&m] { return m.go.read(); });
  }

  /// What comes over the packed pins.
  void add_inputs() {
    const std::string group = scope_ + ": inputs";
    Macro& m = macro_;
    // Of 1:M every sub-macro has a block of its own in each row.
    const int inputs = g_.rows * g_.sub_macros * g_.largest_m();
    waveform_.add_bus<std::int8_t>({scope_, "pass_activation", group, 8, Radix::signed_decimal, false}, inputs, 0,
                                   [&m, last = ~std::uint32_t{0}]() mutable -> std::optional<Packed<std::int8_t>> {
                                     const PassPins& pins = m.pass.read();
                                     const PhaseControl& control = m.control.read();
                                     if (!pins.valid || !control.compute || pins.version == last) return std::nullopt;
                                     last = pins.version;
                                     const LayoutPins& layout = control.layout;
                                     return Packed<std::int8_t>{
                                         pins.activations,
                                         m.geometry().rows * layout.blocks_per_row * layout.block_inputs()};
                                   });
    add_words("load_weight", group, 8, Radix::signed_decimal, &CellWord::weight);
    const int metadata_bits = log2_ceil(g_.metadata_mask() + 1);
    if (metadata_bits == 0) return;
    add_words("load_metadata", group, metadata_bits, Radix::unsigned_decimal, &CellWord::metadata);
  }

  /// A part of the words of a load beat, [P][R].
  template <class Part>
  void add_words(const std::string& name, const std::string& group, int width, Radix radix, Part CellWord::*part) {
    Macro& m = macro_;
    const int words = g_.sub_macros * g_.rows;
    waveform_.add_bus<std::int8_t>(
        {scope_, name, group, width, radix, false}, words, 0,
        [&m, part, last = ~std::uint32_t{0},
         shown = std::vector<std::int8_t>(words)]() mutable -> std::optional<Packed<std::int8_t>> {
          const LoadBeat& beat = m.load.read();
          if (!beat.valid || beat.version == last) return std::nullopt;
          last = beat.version;
          for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = static_cast<std::int8_t>(beat.words[i].*part);
          return Packed<std::int8_t>{shown.data(), static_cast<int>(shown.size())};
        });
  }

  void add_shadow() {
    const std::string group = scope_ + ": control";
    Macro& m = macro_;
    waveform_.add({scope_ + ".sequencer", "shadow", group, 1, Radix::text, true},
                  [&m] { return to_string(m.sequencer.shadow()); });
    flag(scope_, "swap", group, [&m] { return m.swap->read(); });
    flag(scope_, "swap_ready", group, [&m] { return m.swap_ready->read(); });
    flag(scope_, "weight_write", group, [&m] { return m.weight_write.read().write; });
    number(scope_, "weight_write_column", group, 8, Radix::unsigned_decimal,
           [&m] { return m.weight_write.read().column; });
  }

  void add_psum_final() {
    const std::string group = scope_ + ": psum_final";
    Macro& m = macro_;
    flag(scope_, "psum_final_valid", group, [&m] { return m.psum_final.read().valid; });
    flag(scope_, "psum_final_ready", group, [&m] { return m.psum_final_ready.read(); });
    const int elements = g_.sub_macros * g_.cols;  // as many lanes as there may be
    waveform_.add_bus<std::int32_t>({scope_, "psum_final", group, g_.merged_psum_bits(), Radix::signed_decimal, true},
                                    elements, g_.cols,
                                    [&port = m.psum_final, cols = g_.cols,
                                     last = ~std::uint32_t{0}]() mutable -> std::optional<Packed<std::int32_t>> {
                                      const PsumFinal& pins = port->read();
                                      if (pins.version == last) return std::nullopt;
                                      last = pins.version;
                                      return Packed<std::int32_t>{pins.sums, pins.valid ? pins.lanes * cols : 0};
                                    });
  }

  void add_sub_macro(int p) {
    const std::string scope = scope_ + ".sub_" + std::to_string(p);
    const std::string group = scope_ + ": sub-macro " + std::to_string(p);
    Macro& m = macro_;
    SubMacro& s = m.sub[p];
    waveform_.add({scope, "use", group, 1, Radix::text, true}, [&m, p] { return use_name(m.lines[p].read().use); });
    waveform_.add({scope, "sel_col", group, g_.cols, Radix::hex, true}, [&m, p] {
      const LinePins& lines = m.lines[p].read();
      return lines.use == LineUse::phase && !lines.active ? ColumnMask() : lines.columns;
    });
    number(scope, "psum_occupancy", group, 7, Radix::analog, [&s] { return s.buffer.occupancy(); });
    const int line_count = g_.rows * g_.lines();
    waveform_.add_bus<std::int8_t>(
        {scope, "line", group, 8, Radix::signed_decimal, true}, line_count, 2 * kShownElements,
        bus_reader<std::int8_t>(m.lines[p], line_count, [](const LinePins& pins) { return pins.lines; }));
    flag(scope, "product_valid", group, [&s] { return s.product.read().valid; });
    add_product(p, scope, group);
    add_tree(p, scope, group);
    flag(scope, "sum_valid", group, [&s] { return s.sum.read().valid; });
    waveform_.add_bus<std::int32_t>(
        {scope, "sum", group, g_.column_psum_bits(), Radix::signed_decimal, true}, g_.cols, kShownElements,
        bus_reader<std::int32_t>(s.sum, g_.cols, [](const TreeStage& stage) { return stage.sums; }));
    flag(scope, "ready", group, [&m, p] { return m.sub_ready[p].read(); });
    flag(scope, "psum_valid", group, [&m, p] { return m.psum_valid[p].read(); });
    flag(scope, "ack", group, [&m, p] { return m.ack[p].read(); });
    waveform_.add_bus<std::int32_t>(
        {scope, "psum", group, g_.column_psum_bits(), Radix::signed_decimal, true}, g_.cols, kShownElements,
        bus_reader<std::int32_t>(m.psum[p], g_.cols, [](const PsumEntry& entry) { return entry.sums; }));
  }

  /// The product register, row by row of every column: product_RRCC numbered r * C + c.
  void add_product(int p, const std::string& scope, const std::string& group) {
    const int count = g_.rows * g_.cols;
    registers_ |= waveform_.add_bus<std::int32_t>(
        {scope, "product", group, MacroGeometry::product_bits, Radix::signed_decimal, false}, count, 0,
        bus_reader<std::int32_t>(macro_.sub[p].product, count, [](const TreeStage& stage) { return stage.values; }));
  }

  void add_tree(int p, const std::string& scope, const std::string& group) {
    const AdderTree& tree = macro_.sub[p].tree;
    for (int level = 1; level <= tree.levels(); ++level) {
      const std::string name = "level_" + std::to_string(level);
      flag(scope + ".tree", name + "_valid", group, [&tree, level] { return tree.stage(level).valid; });
      const int count = (g_.rows >> level) * g_.cols;
      registers_ |= waveform_.add_bus<std::int32_t>(
          {scope + ".tree", name, group, MacroGeometry::product_bits + level, Radix::signed_decimal, false}, count, 0,
          [&tree, level, count]() -> std::optional<Packed<std::int32_t>> {
            const TreeStage& stage = tree.stage(level);
            if (!stage.valid || stage.values == nullptr) return std::nullopt;
            return Packed<std::int32_t>{stage.values, count};
          });
    }
  }

  void add_merger() {
    const std::string group = scope_ + ": merger";
    const Merger& merger = macro_.merger;
    for (int number = 1; number < merger.stages(); ++number) {
      const std::string name = number == 1 ? "input" : "level_" + std::to_string(number - 1);
      flag(scope_ + ".merger", name + "_valid", group, [&merger, number] { return merger.stage(number).valid; });
      const int elements = g_.sub_macros * g_.cols;
      const int width = std::min(g_.column_psum_bits() + number - 1, g_.merged_psum_bits());
      registers_ |= waveform_.add_bus<std::int32_t>(
          {scope_ + ".merger", name, group, width, Radix::signed_decimal, false}, elements, 0,
          [&merger, number]() -> std::optional<Packed<std::int32_t>> {
            const Merger::Stage& stage = merger.stage(number);
            if (!stage.valid || stage.values.empty()) return std::nullopt;
            return Packed<std::int32_t>{stage.values.data(), static_cast<int>(stage.values.size())};
          });
    }
  }

  Waveform& waveform_;
  std::string scope_;
  Macro& macro_;
  const MacroGeometry& g_;
  bool registers_ = false;
};

}  // namespace

void add_macro(Waveform& waveform, const std::string& scope, Macro& macro) {
  MacroSignals(waveform, scope, macro).add();
}

}  // namespace flexcim
