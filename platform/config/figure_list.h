// Every figure of a technology or of a DRAM device, in the order of its schema.
#pragma once

#include "platform/config/dram_device.h"
#include "platform/config/figure.h"
#include "platform/config/technology.h"

#include <string>
#include <vector>

namespace flexcim {

struct NamedFigure {
  std::string path;  ///< its keys, entries of lists by number: "energy.wire", "sram.points.0.read"
  Figure figure;
};

/// Figures that are not given are left out.
std::vector<NamedFigure> figures_of(const Technology& technology);
std::vector<NamedFigure> figures_of(const DramDevice& device);

}  // namespace flexcim
