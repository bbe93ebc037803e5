#include "platform/estimate/plain_run.h"

namespace flexcim {

PlainRun::PlainRun(const Scenario& scenario, NativeProgram& program, const std::filesystem::path& folder)
    : program_(program),
      soc_(scenario.architecture, program.memory(), scenario.power_window_ps(),
           [this](std::uint64_t window) { meter_.sample(window); }),
      meter_(scenario, soc_, folder) {}

SimulationResult PlainRun::run() {
  program_.run(soc_, meter_);
  meter_.finish(soc_.now_ps());
  soc_.finish();
  SimulationResult result;
  result.fidelity = Fidelity::estimate;
  program_.add_result(result, meter_, nullptr);
  meter_.complete(result);
  return result;
}

}  // namespace flexcim
