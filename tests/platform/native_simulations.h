// Simulations of jobs that a test has made.
#pragma once

#include "platform/program/gemm_program.h"
#include "platform/program/generation_program.h"
#include "platform/run/native_simulation.h"

#include <memory>
#include <string>
#include <vector>

namespace flexcim {

class GemmSimulation : public NativeSimulation {
 public:
  GemmSimulation(const std::string& name, const Scenario& scenario, Fidelity fidelity,
                 const std::vector<const GemmJob*>& jobs)
      : NativeSimulation(name, scenario, fidelity, std::make_unique<GemmProgram>(scenario, jobs), {}) {}
};

class Generation : public NativeSimulation {
 public:
  Generation(const std::string& name, const Scenario& scenario, Fidelity fidelity, const GenerateJob& job)
      : NativeSimulation(name, scenario, fidelity, std::make_unique<GenerationProgram>(scenario, job), {}) {}
};

}  // namespace flexcim
