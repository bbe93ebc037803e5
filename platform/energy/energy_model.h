// Prices activity: events times figures of a technology (docs/architecture.md §11, docs/energy.md).
#pragma once

#include "flow/map/geometry.h"
#include "platform/config/architecture.h"
#include "platform/config/technology.h"
#include "platform/energy/activity.h"
#include "platform/energy/energy_report.h"
#include "platform/energy/switching.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A part of the accelerator's area, all macros together.
struct AreaPart {
  std::string name;
  double mm2 = 0;
  bool sram = false;
};

double area_mm2(const std::vector<AreaPart>& parts);
/// Without the buffers.
double macros_mm2(const std::vector<AreaPart>& parts);
/// The same macros wired for dense weights only, in bit cells of memory: what flexibility is measured against.
double dense_macros_mm2(const Architecture& architecture, const Technology& technology);
/// How much larger the macros are: 0.1 is 10 %. 0 where the technology has no areas.
double macro_overhead(const std::vector<AreaPart>& parts, double dense_macros_mm2);

/// What components cost before rounding, fJ.
using ComponentPrices = std::array<double, kComponents>;

class EnergyModel {
 public:
  /// `sequencing` decides how many metadata bits a cell stores. Throws NotFiniteError for figures that give no finite
  /// area.
  EnergyModel(const Architecture& architecture, const Technology& technology, Sequencing sequencing);

  /// Energy of `activity` that took `elapsed_ns`, leakage and DRAM standby of that time included. Each term, a figure's
  /// part of a component, is rounded to whole femtojoules. Throws NotFiniteError naming a figure that gives no finite
  /// energy or one beyond 1 kJ.
  EnergyReport price(const Activity& activity, double elapsed_ns) const {
    return price(activity, elapsed_ns, switching(activity));
  }
  EnergyReport price(const Activity& activity, double elapsed_ns, const SwitchingActivity& switching) const;
  /// Without rounding and figures, and faster: for the many windows of a run.
  ComponentPrices price_components(const Activity& activity, double elapsed_ns,
                                   const SwitchingActivity& switching) const;
  /// Of the macros: measured where `activity` has toggles and the technology wants that, otherwise as it assumes.
  SwitchingActivity switching(const Activity& activity) const;
  ToggleGroups groups(const MacroToggles& toggles, const MacroEvents& events) const {
    return toggle_groups(toggles, events, architecture_.macro, cell_bits_);
  }

  /// Macros and buffers; DMA, command queue and control are not in it.
  const std::vector<AreaPart>& area() const { return area_; }
  /// Stored bits of a cell's word: weight and metadata.
  int cell_bits() const { return cell_bits_; }

 private:
  class Ledger;
  /// SRAM figures at the capacity of one buffer.
  struct BufferPrices {
    std::string read_name, write_name;
    Figure read, write;
  };
  BufferPrices buffer_prices(std::uint64_t buffer_bytes) const;
  void price_code(Ledger& ledger, Component component, Protection protection, int data_bits, double read_bytes,
                  double written_bytes) const;
  void price_all(Ledger& ledger, const Activity& activity, double elapsed_ns, const SwitchingActivity& switching) const;
  void price_macro(Ledger& ledger, const Activity& activity, const SwitchingActivity& switching) const;
  void price_buffers(Ledger& ledger, const Activity& activity) const;
  void price_memory(Ledger& ledger, const Activity& activity, double elapsed_ns) const;

  Architecture architecture_;
  Technology technology_;
  int metadata_bits_;  ///< of a weight
  int cell_bits_;
  BufferPrices activation_, weight_, output_;
  std::vector<AreaPart> area_;
};

}  // namespace flexcim
