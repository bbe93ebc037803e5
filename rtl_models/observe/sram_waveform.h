// The signals of an SRAM buffer in a waveform.
#pragma once

#include "rtl_models/blocks/sram_buffer.h"
#include "rtl_models/observe/waveform.h"

#include <string>

namespace flexcim {

/// Ports with their addresses, banks and handshake, conflicts; data buses byte by byte, outside the standard selection.
/// `scope`: module names joined by dots.
void add_sram(Waveform& waveform, const std::string& scope, const SramBuffer& sram);

}  // namespace flexcim
