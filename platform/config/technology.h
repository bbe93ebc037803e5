// What events cost in a technology: figures with unit, tag and source, as a technology YAML gives them.
#pragma once

#include "platform/config/figure.h"
#include "platform/yaml/yaml_schema.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Energy per event. Switching figures hold at `Technology::activity_basis`.
struct EnergyFigures {
  Figure int8_multiply;                   ///< fJ
  Figure int4_multiply;                   ///< fJ, an int4 weight on an int8 multiplier
  Figure add_16, add_20, add_22, add_32;  ///< fJ, by width in bits
  Figure mux2_per_bit;                    ///< fJ, 2:1 multiplexer
  Figure mux4_per_bit;                    ///< fJ, 4:1 multiplexer
  Figure flip_flop_toggle;                ///< fJ per bit that toggles, with clock
  Figure flip_flop_clock;                 ///< fJ per clocked bit and cycle of a data-path register, toggling or not
  Figure gated_cell;                      ///< fJ per clock-gated cell and cycle
  Figure idle_cell;                       ///< fJ per cell and cycle of a macro without a phase
  Figure cell_write_per_bit;              ///< fJ
  Figure wire;                            ///< pJ per byte and mm
  Figure interconnect_hop;                ///< pJ per byte
  Figure host_instruction;                ///< pJ
};

/// SRAM energy at one capacity, pJ per byte.
struct SramPoint {
  int bytes = 0;
  Figure read;
  Figure write;
};

struct SramFigures {
  double scale = 1;               ///< knob: the tables are optimistic for small buffers
  std::vector<SramPoint> points;  ///< rising capacity
};

struct LeakageFigures {
  Figure sram_per_kib;   ///< uW
  Figure logic_per_mm2;  ///< mW
};

struct AreaFigures {
  Figure sram_per_kib;  ///< um2
  Figure full_adder;    ///< um2
  Figure flip_flop;     ///< um2
  Figure nand2;         ///< um2
  Figure cell_bit;      ///< um2 per stored bit of a cell
};

struct DistanceFigures {
  Figure buffer_to_macros;  ///< mm
};

enum class DramModel {
  split,  ///< where the device has split figures, otherwise flat
  flat
};
std::string_view to_string(DramModel model);

/// Where the switching activity of the macros comes from.
enum class ActivitySource {
  assumed,  ///< Technology::activity
  measured  ///< toggle counts of a pin-accurate run; assumed in others
};
std::string_view to_string(ActivitySource source);

struct Technology {
  std::string name = "custom";
  std::string description;
  double activity = 0.5;        ///< toggle activity of operands for this run, 0..1
  double activity_basis = 0.5;  ///< at which the figures hold
  ActivitySource activity_source = ActivitySource::assumed;
  EnergyFigures energy;
  SramFigures sram;
  LeakageFigures leakage;
  AreaFigures area;
  DistanceFigures distance;
  DramModel dram_model = DramModel::split;

  /// Operand activity relative to that at which the figures hold: prices what switches outside of the macros.
  double switching() const { return activity / activity_basis; }
};

const Schema<Technology>& technology_schema();

/// Notes at `path` what no single key shows: SRAM points that do not rise.
void check_technology(YamlReader& reader, const std::string& path, const Technology& technology);

}  // namespace flexcim
