// The signals of a macro, for a waveform.
#pragma once

#include "rtl_models/blocks/macro.h"
#include "rtl_models/observe/waveform.h"

#include <string>

namespace flexcim {

/// Adds every pin, every bus between blocks, every register and every psum entry count of `macro` under `scope`.
/// Standard selection: handshakes, the sequencer's state, masks and handles of each sub-macro, the first rows and
/// columns of its buses, psum occupancy (analog), all of psum_final's first lane. Registers inside trees are recorded
/// where the options name them (SCOPE.sub_0.product_*, SCOPE.sub_0.tree.level_1_*, SCOPE.merger.*); then the macro
/// keeps them, which is slower.
void add_macro(Waveform& waveform, const std::string& scope, Macro& macro);

}  // namespace flexcim
