// Activity from what the accelerator and the DRAM count: the same at every fidelity.
#pragma once

#include "platform/config/architecture.h"
#include "platform/energy/activity.h"
#include "tlm/interface/accelerator_events.h"
#include "tlm/timing/dram_timing.h"

#include <cstdint>

namespace flexcim {

DramTraffic dram_traffic(const DramEvents& events, const DramParameters& parameters);

/// Events of the accelerator in `elapsed_ps`, and of the DRAM in the same time; nothing of a host. Throws
/// std::logic_error for more phases than the macros have cycles in it.
Activity accelerator_activity(const Architecture& architecture, const AcceleratorEvents& events,
                              std::int64_t elapsed_ps, const DramTraffic& dram);

}  // namespace flexcim
