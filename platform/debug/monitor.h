// What `monitor COMMAND` does: what gdb has no commands for.
#pragma once

#include "platform/debug/debug_target.h"
#include "tlm/interface/register_map.h"

#include <string>
#include <vector>

namespace flexcim::debug {

/// What the command prints, lines that end with a line feed. `devices`: whose registers can be shown; each has the name
/// of its region in memory_map::regions. What is no command is answered by how commands are written; nothing throws.
/// `was_reset` is set where the command was `reset`.
std::string monitor(DebugTarget& target, const std::vector<RegisterMap>& devices, const std::string& command,
                    bool& was_reset);

}  // namespace flexcim::debug
