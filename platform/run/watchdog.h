// A simulation that ends: because it is done, or with a message that says who waits for what.
#pragma once

#include "platform/config/limits.h"
#include "platform/run/simulation.h"

#include <systemc>

#include <cstdint>
#include <functional>
#include <vector>

namespace flexcim {

/// Runs the SystemC simulation until nothing is left to happen; to be called once, after elaboration. `at_window` is
/// called with k after a `window` of simulated time, [k, k + 1) windows, in which something was due, and after the
/// last, shorter one: whoever samples does it there, so that no process of its own keeps a simulation alive in which
/// nobody can go on.
///
/// Throws SimulationError if one of `simulations` has not ended when nothing can happen any more or a limit is
/// reached; the wall time ends also a simulation whose time stands still, but not a process that never waits, and where
/// the system gives no thread it is looked at only at the end of every window. What a process throws comes out as it
/// is, a BusError and a violation that a ProtocolChecker finds as a SimulationError.
void run_to_end(const std::vector<const Simulation*>& simulations, const Limits& limits, const sc_core::sc_time& window,
                const std::function<void(std::uint64_t)>& at_window);

}  // namespace flexcim
