#include "rtl_models/trace/gtkwave_savefile.h"

#include "flow/base/output_file.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <sstream>

namespace flexcim {
namespace {

// Flags of a trace, as GTKWave writes them in hex behind an @.
constexpr unsigned kHex = 0x2;
constexpr unsigned kDecimal = 0x4;
constexpr unsigned kBinary = 0x8;
constexpr unsigned kRightJustify = 0x20;
constexpr unsigned kBlank = 0x200;
constexpr unsigned kSigned = 0x400;
constexpr unsigned kAscii = 0x800;
constexpr unsigned kCollapsed = 0x1000;
constexpr unsigned kAnalogStep = 0x8000;
constexpr unsigned kAnalogStretch = 0x20000;  ///< a line that belongs to the analog trace above
constexpr unsigned kClosed = 0x400000;
constexpr unsigned kGroupBegin = 0x800000;
constexpr unsigned kGroupEnd = 0x1000000;
constexpr int kAnalogHeight = 2;  ///< further lines that an analog trace takes
constexpr int kColors = 7;

unsigned flags(Radix radix) {
  switch (radix) {
    case Radix::bit:
      return kRightJustify | kBinary;
    case Radix::hex:
      return kRightJustify | kHex;
    case Radix::signed_decimal:
      return kRightJustify | kSigned;
    case Radix::unsigned_decimal:
      return kRightJustify | kDecimal;
    case Radix::text:
      return kRightJustify | kAscii;
    case Radix::analog:
      return kRightJustify | kDecimal | kAnalogStep;
  }
  return kRightJustify | kHex;
}

void put_flags(std::ostream& file, unsigned value) { file << '@' << std::hex << value << std::dec << '\n'; }

void put_signal(std::ostream& file, const SavefileSignal& signal, int color) {
  put_flags(file, flags(signal.radix));
  file << "[color] " << color << '\n' << signal.name;
  if (signal.width > 1) file << '[' << signal.width - 1 << ":0]";
  file << '\n';
  if (signal.radix != Radix::analog) return;
  for (int i = 0; i < kAnalogHeight; ++i) {
    put_flags(file, kAnalogStretch);
    file << "-\n";
  }
}

}  // namespace

void write_savefile(const std::string& path, const std::string& dump, const std::vector<SavefileSignal>& signals,
                    std::uint64_t start, std::uint64_t span, int open_groups) {
  std::ostringstream file;
  // The zoom is the negative binary logarithm of the picoseconds in a frame of 200 pixels; about 1100 show signals.
  const double zoom = -std::log2(static_cast<double>(std::max<std::uint64_t>(span, 1)) * 200 / 1100);
  // GTKWave looks for a dump with a relative name in its working directory. Of one with an absolute name it takes the
  // way to it from the place that the savefile gives for itself, and goes that way from where it has found the
  // savefile.
  const std::string name = std::filesystem::path(path).filename().string();
  file << "[dumpfile] \"/" << dump << "\"\n[savefile] \"/" << name << "\"\n[timestart] " << start
       << "\n[size] 1600 1000\n[pos] -1 -1\n*" << std::fixed << std::setprecision(6) << zoom << ' ' << start;
  for (int i = 0; i < 26; ++i) file << " -1";
  file << "\n[sst_width] 220\n[signals_width] 260\n[sst_expanded] 1\n";

  std::vector<std::string> groups;
  for (const SavefileSignal& signal : signals) {
    if (std::find(groups.begin(), groups.end(), signal.group) == groups.end()) groups.push_back(signal.group);
  }
  for (int g = 0; g < static_cast<int>(groups.size()); ++g) {
    const bool folded = g >= open_groups;
    put_flags(file, kGroupBegin | kBlank | (folded ? kClosed : 0u));
    file << '-' << groups[g] << '\n';
    for (const SavefileSignal& signal : signals) {
      if (signal.group == groups[g]) put_signal(file, signal, 1 + g % kColors);
    }
    put_flags(file, kGroupEnd | kBlank | (folded ? kClosed | kCollapsed : 0u));
    file << '-' << groups[g] << '\n';
  }
  write_text_file(path, file.str());
}

}  // namespace flexcim
