// What the host does in a pass.
#pragma once

#include "platform/config/scenario.h"
#include "platform/energy/energy_model.h"
#include "platform/estimate/step_plan.h"
#include "platform/results/generation_result.h"

namespace flexcim {

/// The part of a result that is a pass, with the time and energy of its operators: the host's instructions, and what
/// the idle accelerator and the DRAM, refreshed meanwhile, take in that time. Cycles of a class are rounded up once for
/// all runs. `scenario` has the workload shapes with steps, `energy` is of it. Throws InputError for more than 9000 s.
GenerationPart host_part(const Scenario& scenario, const EnergyModel& energy, const Pass& pass);

}  // namespace flexcim
