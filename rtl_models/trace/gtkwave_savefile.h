// GTKWave savefiles (.gtkw): which signals are shown, how, and in which groups.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

enum class Radix { bit, hex, signed_decimal, unsigned_decimal, text, analog };

struct SavefileSignal {
  std::string group;  ///< heading; signals of one group stand together, in the order of the list
  std::string name;   ///< full hierarchical name as in the VCD, without the bit range
  int width = 1;
  Radix radix = Radix::hex;
};

/// Writes `path`. GTKWave opens it together with `dump`, a file of the same folder, from any working directory and
/// wherever the folder has been moved. The view opens at `start` and shows about `span` (ps). Groups stand in the order
/// in which they first appear; all but the first `open_groups` are folded. Throws std::system_error naming the file.
void write_savefile(const std::string& path, const std::string& dump, const std::vector<SavefileSignal>& signals,
                    std::uint64_t start, std::uint64_t span, int open_groups);

}  // namespace flexcim
