// A simulation whose host runs a program in C++.
#pragma once

#include "platform/program/native_program.h"
#include "platform/run/soc_simulation.h"

#include <filesystem>
#include <memory>
#include <string>

namespace flexcim {

class NativeHost;

class NativeSimulation : public SocSimulation {
 public:
  /// `scenario` outlives the simulation. `folder`: of results.
  NativeSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                   std::unique_ptr<NativeProgram> program, const std::filesystem::path& folder);

  void check(Findings& findings) override;
  std::size_t complete_layers() const override { return program_->complete_layers(); }
  void cut_short() override;
  SimulationResult result() const override;

 private:
  std::vector<std::string> layer_names() const override { return program_->layer_names(); }

  const std::unique_ptr<NativeProgram> program_;
  NativeHost* host_ = nullptr;  ///< while its program runs
};

}  // namespace flexcim
