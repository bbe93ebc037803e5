#include "tlm/faults/fault_parameters.h"

#include <array>
#include <fmt/format.h>
#include <fnmatch.h>

namespace flexcim {
namespace {

struct SiteInfo {
  FaultSite site;
  std::string_view name;
};

constexpr std::array<SiteInfo, kFaultSites> kSites{{{FaultSite::weights, "weights"},
                                                    {FaultSite::metadata, "metadata"},
                                                    {FaultSite::selects, "selects"},
                                                    {FaultSite::masks, "masks"},
                                                    {FaultSite::activations, "activations"},
                                                    {FaultSite::psums, "psums"},
                                                    {FaultSite::activation_buffer, "activation_buffer"},
                                                    {FaultSite::weight_buffer, "weight_buffer"},
                                                    {FaultSite::output_buffer, "output_buffer"},
                                                    {FaultSite::dram_weights, "dram_weights"},
                                                    {FaultSite::dram_directories, "dram_directories"},
                                                    {FaultSite::dram_activations, "dram_activations"},
                                                    {FaultSite::dram_commands, "dram_commands"}}};

constexpr bool sites_in_order() {
  for (std::size_t i = 0; i < kFaultSites; ++i) {
    if (static_cast<std::size_t>(kSites[i].site) != i) return false;
  }
  return true;
}
static_assert(sites_in_order());

}  // namespace

std::string_view to_string(FaultSite site) { return kSites[static_cast<std::size_t>(site)].name; }

std::vector<FaultPlace> fault_places(const MacroGeometry& geometry, ArrayShape shape) {
  std::vector<FaultPlace> places;
  for (int macro = 0; macro < shape.count(); ++macro) {
    const std::string name = shape.count() == 1
                                 ? std::string("soc.macros.macro")
                                 : fmt::format("soc.macros.macro_{}_{}", macro / shape.inputs, macro % shape.inputs);
    for (int p = 0; p < geometry.sub_macros; ++p) {
      const int number = macro * geometry.sub_macros + p;
      places.push_back({fmt::format("{}.sub_{}.cells.weight", name, p), FaultSite::weights, number});
      places.push_back({fmt::format("{}.sub_{}.cells.metadata", name, p), FaultSite::metadata, number});
    }
    places.push_back({name + ".sequencer.selects", FaultSite::selects, macro});
    places.push_back({name + ".sequencer.masks", FaultSite::masks, macro});
    places.push_back({name + ".merger.psum_final", FaultSite::psums, macro});
  }
  places.push_back({"soc.macros.activations", FaultSite::activations, 0});
  places.push_back({"soc.buffers.activation", FaultSite::activation_buffer, 0});
  places.push_back({"soc.buffers.weight", FaultSite::weight_buffer, 0});
  places.push_back({"soc.buffers.output", FaultSite::output_buffer, 0});
  places.push_back({"soc.dram.weights", FaultSite::dram_weights, 0});
  places.push_back({"soc.dram.directories", FaultSite::dram_directories, 0});
  places.push_back({"soc.dram.activations", FaultSite::dram_activations, 0});
  places.push_back({"soc.dram.commands", FaultSite::dram_commands, 0});
  return places;
}

bool names_place(const std::string& glob, const FaultPlace& place) {
  return fnmatch(glob.c_str(), place.name.c_str(), 0) == 0;
}

int word_bits(FaultSite site, const MacroGeometry& geometry) {
  switch (site) {
    case FaultSite::masks:
      return 1;
    case FaultSite::psums:
      return geometry.merged_psum_bits();
    case FaultSite::output_buffer:
      return 32;
    default:
      return 8;
  }
}

}  // namespace flexcim
