// What is to go wrong: bits of which places, how often, and whether they stay so (docs/faults.md).
#pragma once

#include "flow/map/geometry.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

enum class FaultKind {
  transient,   ///< each bit flips in each access with probability `rate`
  stuck_at_0,  ///< a share `rate` of the bits reads 0 whatever is written
  stuck_at_1
};
constexpr std::string_view to_string(FaultKind kind) {
  return kind == FaultKind::transient ? "transient" : kind == FaultKind::stuck_at_0 ? "stuck_at_0" : "stuck_at_1";
}

/// Where bits go wrong. An access is: of weights, metadata, selects and masks the load of a tile; of activations and
/// psums a pass; of buffers a write, since what flips in them stays until it is overwritten; of DRAM a read by the
/// accelerator.
enum class FaultSite : std::uint8_t {
  weights,      ///< in the cells
  metadata,     ///< in the cells
  selects,      ///< of the first-stage multiplexers, per phase
  masks,        ///< sel_col, per phase, of tiles with several groups of columns
  activations,  ///< on their way from the buffer to the macros
  psums,        ///< psum_final of a macro
  activation_buffer,
  weight_buffer,
  output_buffer,     ///< accumulators
  dram_weights,      ///< what is read as weights ...
  dram_directories,  ///< ... as directory of an image ...
  dram_activations,  ///< ... as activations ...
  dram_commands      ///< ... as descriptor or table of scales
};
constexpr std::size_t kFaultSites = 13;
/// Lower case, as in results.
std::string_view to_string(FaultSite site);

struct FaultSpec {
  std::string target;  ///< glob over the names of fault_places()
  FaultKind kind = FaultKind::transient;
  double rate = 0;        ///< 0..1, per bit and access, or of the bits
  std::vector<int> bits;  ///< of a word (of a memory: of a byte), 0 the least significant; empty: all
};

struct FaultParameters {
  std::uint64_t seed = 1;
  std::vector<FaultSpec> inject;
};

/// Something with bits that can be targeted, by its hierarchical name in the SoC.
struct FaultPlace {
  std::string name;  ///< "soc.macros.macro_0_1.sub_2.cells.weight"
  FaultSite site = FaultSite::weights;
  int number = 0;  ///< of the site: macro (o * inputs + k) * P + sub-macro, or macro, or 0
};
std::vector<FaultPlace> fault_places(const MacroGeometry& geometry, ArrayShape shape);

/// Whether a place's name is meant by a glob of fnmatch(3).
bool names_place(const std::string& glob, const FaultPlace& place);

/// Bits of a word of a site: those that FaultSpec::bits may name are below it.
int word_bits(FaultSite site, const MacroGeometry& geometry);

}  // namespace flexcim
