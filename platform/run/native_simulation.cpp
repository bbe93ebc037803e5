#include "platform/run/native_simulation.h"

#include "platform/host/native_host.h"

#include <iostream>
#include <utility>

namespace flexcim {

NativeSimulation::NativeSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                                   std::unique_ptr<NativeProgram> program, const std::filesystem::path& folder)
    : SocSimulation(scenario, fidelity), program_(std::move(program)) {
  const auto run = [this](NativeHost& host) {
    program_->run(host, meter());
    meter().finish(host.now_ps());
  };
  build(name, program_->memory(), native_host(run), folder, std::cout);
}

void NativeSimulation::check(Findings& findings) { program_->check(soc().dram().store().data(), findings); }

SimulationResult NativeSimulation::result() const {
  SimulationResult result = begin_result();
  program_->add_result(result, meter(), soc().dram().store().data());
  meter().complete(result);
  return result;
}

}  // namespace flexcim
