#include "platform/run/native_simulation.h"

#include "platform/host/native_host.h"

#include <iostream>
#include <utility>

namespace flexcim {

NativeSimulation::NativeSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                                   std::unique_ptr<NativeProgram> program, const std::filesystem::path& folder)
    : SocSimulation(scenario, fidelity), program_(std::move(program)) {
  const auto run = [this](NativeHost& host) {
    host_ = &host;
    try {
      program_->run(host, meter());
    } catch (const CutShort&) {
      program_->stop(host);
    }
    meter().finish(host.now_ps());
    host_ = nullptr;
  };
  build(name, program_->memory(), native_host(run), folder, std::cout);
}

void NativeSimulation::cut_short() {
  if (host_ != nullptr) host_->cut_short();
}

void NativeSimulation::check(Findings& findings) { program_->check(soc().dram().store().data(), findings); }

SimulationResult NativeSimulation::result() const {
  SimulationResult result = begin_result();
  program_->add_result(result, meter(), soc().dram().store().data());
  meter().complete(result);
  return result;
}

}  // namespace flexcim
