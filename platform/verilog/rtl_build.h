// Which shared library a scenario's macro in SystemVerilog is, and what it is made of (docs/your_rtl.md).
#pragma once

#include "platform/config/scenario.h"
#include "rtl_models/verilated/rtl_library.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// What shows at the pins of the scenario's macro: an index compare and a merger in lanes only where the scenario uses
/// them.
MacroInterface macro_interface(const Scenario& scenario);

struct RtlBuild {
  std::vector<std::filesystem::path> sources;  ///< absolute
  std::string top;
  std::vector<MacroParameter> geometry;      ///< macro_parameters()
  std::vector<VerilogParameter> parameters;  ///< the scenario's own
  std::filesystem::path library;  ///< in kRtlCache; its name ends with a hash of all of this and of the sources' bytes
};

/// Where libraries are kept, from the working directory. Nothing else is lost with it.
inline const std::filesystem::path kRtlCache = "out/cache";

/// Reads the sources. Throws InputError for each that cannot be read, and for a parameter of the scenario that follows
/// from the architecture.
RtlBuild rtl_build(const Scenario& scenario);

/// Throws InputError for an architecture that no macro in SystemVerilog has, whatever the scenario's fidelity.
void require_verilog(const Scenario& scenario);

/// The command that makes the library of a scenario.
std::string build_command(const Scenario& scenario);

/// The library, loaded and checked. Throws InputError as rtl_build() and RtlLibrary do; for one that is not there it
/// says which command makes it.
std::shared_ptr<const RtlLibrary> load_rtl(const Scenario& scenario);

}  // namespace flexcim
