#include "platform/program/scenario_program.h"

#include "platform/program/gemm_program.h"
#include "platform/program/generation_program.h"

namespace flexcim {

std::unique_ptr<NativeProgram> scenario_program(const Scenario& scenario, const ScenarioJobs& jobs,
                                                const std::vector<std::string>& linears) {
  if (jobs.generation) return std::make_unique<GenerationProgram>(scenario, *jobs.generation);
  return std::make_unique<GemmProgram>(scenario, jobs.chosen(linears));
}

}  // namespace flexcim
