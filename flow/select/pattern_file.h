// The text in which a selection travels: one line "index:N:M" per block or linear, as the published implementation
// writes it.
#pragma once

#include "flow/select/selection.h"

#include <string>
#include <vector>

namespace flexcim {

std::string pattern_text(const std::vector<Candidate>& chosen);

/// Reads `count` lines, each index 0..count-1 once, in any order; empty lines are skipped. Throws InputError naming the
/// file and the line.
std::vector<Candidate> read_pattern_file(const std::string& path, std::size_t count);

}  // namespace flexcim
