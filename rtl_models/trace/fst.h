// GTKWave's compressed waveform format, made by GTKWave's own converter.
#pragma once

#include <string>

namespace flexcim {

/// Throws InputError unless vcd2fst (Debian package gtkwave) is on the PATH.
void require_vcd2fst();

/// Writes `fst` from `vcd` and removes `vcd`. Throws std::system_error naming both files if vcd2fst fails.
void convert_to_fst(const std::string& vcd, const std::string& fst);

}  // namespace flexcim
