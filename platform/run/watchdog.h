// Runs a simulation to its end, or stops it with a message that says who waits for what.
#pragma once

#include "platform/config/limits.h"
#include "platform/run/simulation.h"

#include <systemc>

#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim {

/// Runs the SystemC simulation until no event is left; to be called once, after elaboration. Calls at_window(k) at the
/// end of window k, [k, k + 1) times `window` of simulated time, if something was due in it, and at the end of the
/// last, shorter one. Samples are taken there: a sampling process would keep a simulation alive in which nobody can go
/// on.
///
/// A request to end (EndRequest) ends a simulation whose first run has complete layers: all runs are cut short, and
/// the signal is returned. Where it has none the process ends by it. 0 without a request.
///
/// Throws SimulationError if one of `simulations` has not ended when no event is left or a limit is reached. The limit
/// of wall time also ends a simulation whose time stands still, but not a process that never waits; where the system
/// gives no thread, it is checked only at the end of a window. An exception of a process comes out as it is, but a
/// ProgramError or a violation that a ProtocolChecker finds becomes a SimulationError.
int run_to_end(const std::vector<Simulation*>& simulations, const Limits& limits, const sc_core::sc_time& window,
               const std::function<void(std::uint64_t)>& at_window);

}  // namespace flexcim
