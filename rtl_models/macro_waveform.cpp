#include "rtl_models/macro_waveform.h"

#include <algorithm>

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

/// Reads `count` numbers behind the handle of `signal`, if it changed. `data` gives the address, null for all zero.
template <class Pins, class Data>
auto bus_reader(const sc_core::sc_signal_in_if<Pins>& signal, int count, Data data) {
  return [&signal, count, data, last = ~std::uint32_t{0}](std::int64_t* values) mutable {
    const Pins& pins = signal.read();
    if (pins.version == last) return false;
    last = pins.version;
    const auto* from = data(pins);
    if (from == nullptr) {
      std::fill_n(values, count, 0);
    } else {
      std::copy_n(from, count, values);
    }
    return true;
  };
}

class MacroSignals {
 public:
  MacroSignals(Waveform& waveform, const std::string& scope, Macro& macro)
      : waveform_(waveform), scope_(scope), macro_(macro), g_(macro.geometry()) {}

  void add() {
    add_control();
    for (int p = 0; p < g_.sub_macros; ++p) add_sub_macro(p);
    add_merger();
    add_psum_final();
    if (registers_) macro_.observe(true);
  }

 private:
  void flag(const std::string& scope, const std::string& name, const std::string& group, std::function<bool()> read) {
    waveform_.add_number({scope, name, group, 1, Radix::bit, true},
                         [read = std::move(read)] { return static_cast<std::int64_t>(read()); });
  }

  void number(const std::string& scope, const std::string& name, const std::string& group, int width, Radix radix,
              std::function<std::int64_t()> read) {
    waveform_.add_number({scope, name, group, width, radix, true}, std::move(read));
  }

  void add_control() {
    const std::string group = scope_ + ": control";
    Macro& m = macro_;
    flag(scope_, "reset", group, [&m] { return m.reset.read(); });
    flag(scope_, "enable", group, [&m] { return m.enable.read(); });
    waveform_.add_text({scope_ + ".sequencer", "state", group, 1, Radix::text, true},
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

  void add_psum_final() {
    const std::string group = scope_ + ": psum_final";
    Macro& m = macro_;
    flag(scope_, "psum_final_valid", group, [&m] { return m.psum_final.read().valid; });
    flag(scope_, "psum_final_ready", group, [&m] { return m.psum_final_ready.read(); });
    const int elements = g_.sub_macros * g_.cols;  // as many lanes as there may be
    waveform_.add_bus({scope_, "psum_final", group, g_.merged_psum_bits(), Radix::signed_decimal, true}, elements,
                      g_.cols,
                      [this_signal = &m.psum_final, cols = g_.cols, elements,
                       last = ~std::uint32_t{0}](std::int64_t* values) mutable {
                        const PsumFinal& pins = this_signal->read();
                        if (pins.version == last) return false;
                        last = pins.version;
                        std::fill_n(values, elements, 0);
                        if (pins.valid) std::copy_n(pins.sums, pins.lanes * cols, values);
                        return true;
                      });
  }

  void add_sub_macro(int p) {
    const std::string scope = scope_ + ".sub_" + std::to_string(p);
    const std::string group = scope_ + ": sub-macro " + std::to_string(p);
    Macro& m = macro_;
    SubMacro& s = m.sub[p];
    waveform_.add_text({scope, "use", group, 1, Radix::text, true},
                       [&m, p] { return use_name(m.lines[p].read().use); });
    waveform_.add_mask({scope, "sel_col", group, g_.cols, Radix::hex, true}, [&m, p] {
      const LinePins& lines = m.lines[p].read();
      return lines.use == LineUse::phase && !lines.active ? ColumnMask() : lines.columns;
    });
    const int line_count = g_.rows * g_.lines();
    waveform_.add_bus({scope, "line", group, 8, Radix::signed_decimal, true}, line_count, 2 * kShownElements,
                      bus_reader(m.lines[p], line_count, [](const LinePins& pins) { return pins.lines; }));
    flag(scope, "product_valid", group, [&s] { return s.product.read().valid; });
    add_product(p, scope, group);
    add_tree(p, scope, group);
    flag(scope, "sum_valid", group, [&s] { return s.sum.read().valid; });
    waveform_.add_bus({scope, "sum", group, g_.column_psum_bits(), Radix::signed_decimal, true}, g_.cols,
                      kShownElements, bus_reader(s.sum, g_.cols, [](const TreeStage& stage) { return stage.sums; }));
    flag(scope, "ready", group, [&m, p] { return m.sub_ready[p].read(); });
    number(scope, "psum_occupancy", group, 7, Radix::analog, [&s] { return s.buffer.occupancy(); });
    flag(scope, "psum_valid", group, [&m, p] { return m.psum_valid[p].read(); });
    flag(scope, "ack", group, [&m, p] { return m.ack[p].read(); });
    waveform_.add_bus({scope, "psum", group, g_.column_psum_bits(), Radix::signed_decimal, true}, g_.cols,
                      kShownElements,
                      bus_reader(m.psum[p], g_.cols, [](const PsumEntry& entry) { return entry.sums; }));
  }

  /// The product register, row by row of every column: product_RRCC numbered r * C + c.
  void add_product(int p, const std::string& scope, const std::string& group) {
    const int count = g_.rows * g_.cols;
    registers_ |= waveform_.add_bus(
        {scope, "product", group, MacroGeometry::product_bits, Radix::signed_decimal, false}, count, 0,
        bus_reader(macro_.sub[p].product, count, [](const TreeStage& stage) { return stage.values; }));
  }

  void add_tree(int p, const std::string& scope, const std::string& group) {
    const AdderTree& tree = macro_.sub[p].tree;
    for (int level = 1; level <= tree.levels(); ++level) {
      const std::string name = "level_" + std::to_string(level);
      flag(scope + ".tree", name + "_valid", group, [&tree, level] { return tree.stage(level).valid; });
      const int count = (g_.rows >> level) * g_.cols;
      registers_ |= waveform_.add_bus(
          {scope + ".tree", name, group, MacroGeometry::product_bits + level, Radix::signed_decimal, false}, count, 0,
          [&tree, level, count](std::int64_t* values) {
            const TreeStage& stage = tree.stage(level);
            if (!stage.valid || stage.values == nullptr) return false;
            std::copy_n(stage.values, count, values);
            return true;
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
      registers_ |= waveform_.add_bus({scope_ + ".merger", name, group, width, Radix::signed_decimal, false}, elements,
                                      0, [&merger, number, elements](std::int64_t* values) {
                                        const Merger::Stage& stage = merger.stage(number);
                                        if (!stage.valid || stage.values.empty()) return false;
                                        std::fill_n(values, elements, 0);
                                        std::copy(stage.values.begin(), stage.values.end(), values);
                                        return true;
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
