// Ports for pins that not every variant of a module has.
#pragma once

#include <systemc>

namespace flexcim {

/// As sc_in and sc_out, but may stay unbound; a module looks at them only in the variant that has the pin.
template <class T>
using OptionalIn = sc_core::sc_port<sc_core::sc_signal_in_if<T>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;
template <class T>
using OptionalOut = sc_core::sc_port<sc_core::sc_signal_inout_if<T>, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

}  // namespace flexcim
