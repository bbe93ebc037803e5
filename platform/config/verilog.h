// Whose macro runs at fidelity verilog (docs/your_rtl.md).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace flexcim {

/// A parameter of the top module, beyond those that follow from the architecture.
struct VerilogParameter {
  std::string name;
  std::string value;  ///< as Verilog writes it
};

struct VerilogConfig {
  std::vector<std::filesystem::path> sources;  ///< empty: the project's own
  std::string top = "flexcim_macro";
  std::vector<VerilogParameter> parameters;
};

}  // namespace flexcim
