#include "tests/tlm/oracle/jedec_device.h"

#include <algorithm>
#include <stdexcept>

namespace flexcim::oracle {
namespace {

/// JESD209-4, with times and rules as in tukl-msd/DRAMSys: configs/memspec/JEDEC_8Gb_LPDDR4-3200_16bit.json and
/// src/DRAMSys/controller/checker/CheckerLPDDR4.cpp. That counts from the first clock of commands of 2 and 4 clocks:
/// what it adds for that (2 from a column command or an activate to a precharge, -2 the other way) is left out.
JedecDevice lpddr4() {
  const int rl = 28, wl = 14, burst = 8, dqsck = 6, dqss = 1, dqs2dq = 2, wpre = 2;
  const int write_recovery = wl + 1 + burst + 29;
  return {"lpddr4",
          "DRAMSys",
          1,
          8,
          {
              {"RCD", kAct, kRd | kWr, Scope::bank, 29},
              {"RAS", kAct, kPre | kPreAll, Scope::bank, 68},
              {"RCpb", kAct, kAct, Scope::bank, 97},
              {"RC to REF", kAct, kRef, Scope::channel, 97},
              {"RPpb", kPre, kAct, Scope::bank, 29},
              {"RPpb to REF", kPre, kRef, Scope::channel, 29},
              {"RPab", kPreAll, kAct | kRef, Scope::channel, 34},
              {"RRD", kAct, kAct, Scope::channel, 16},
              {"FAW", kAct, kAct, Scope::channel, 64, 4},
              {"CCD read", kRd, kRd, Scope::channel, 8},
              {"CCD write", kWr, kWr, Scope::channel, 8},
              {"RTP", kRd, kPre | kPreAll, Scope::bank, 12 + burst - 8},
              {"RTW", kRd, kWr, Scope::channel, rl + dqsck + burst + wpre - wl},
              {"WTR", kWr, kRd, Scope::channel, wl + 1 + burst + 16},
              {"WR", kWr, kPre | kPreAll, Scope::bank, write_recovery},
              {"PPD", kPre | kPreAll, kPre | kPreAll, Scope::channel, 4},
              {"RFCab", kRef, kAct | kRef, Scope::channel, 448},
          },
          rl + dqsck,
          wl + dqss + dqs2dq,
          burst,
          32,
          625,
          6246};
}

/// JESD209-5B in bank-group mode, as in CMU-SAFARI/ramulator2: python/ramulator/dram/lpddr5.py, LPDDR5_6400 of 8 Gb.
JedecDevice lpddr5() {
  const int rl = 17, wl = 9, burst = 2, longest_burst = 4;
  return {"lpddr5",
          "Ramulator 2",
          4,
          4,
          {
              {"RCD", kAct, kRd | kWr, Scope::bank, 15},
              {"RAS", kAct, kPre | kPreAll, Scope::bank, 34},
              {"RC", kAct, kAct, Scope::bank, 49},
              {"RC to REF", kAct, kRef, Scope::channel, 49},
              {"RPpb", kPre, kAct, Scope::bank, 15},
              {"RPpb to REF", kPre, kRef, Scope::channel, 15},
              {"RPab", kPreAll, kAct | kRef, Scope::channel, 17},
              {"RRD", kAct, kAct, Scope::channel, 4},
              {"FAW", kAct, kAct, Scope::channel, 16, 4},
              {"CCD_S read", kRd, kRd, Scope::channel, 2},
              {"CCD_L read", kRd, kRd, Scope::group, 4},
              {"CCD_S write", kWr, kWr, Scope::channel, 2},
              {"CCD_L write", kWr, kWr, Scope::group, 4},
              {"RTP", kRd, kPre | kPreAll, Scope::bank, 8},
              {"RTW", kRd, kWr, Scope::channel, rl + burst + 2 - wl},
              {"WTR_S", kWr, kRd, Scope::channel, wl + burst + 5},
              {"WTR_L", kWr, kRd, Scope::group, wl + longest_burst + 10},
              {"WR", kWr, kPre | kPreAll, Scope::bank, wl + burst + 28},
              {"PPD", kPre | kPreAll, kPre | kPreAll, Scope::channel, 2},
              {"RFCab", kRef, kAct | kRef, Scope::channel, 168},
          },
          rl,
          wl,
          burst,
          32,
          1250,
          3125};
}

/// JESD79-4, as in CMU-SAFARI/ramulator2: python/ramulator/dram/ddr4.py, DDR4_3200AA of 8 Gb x8.
JedecDevice ddr4() {
  const int rl = 22, wl = 16, burst = 4;
  return {"ddr4",
          "Ramulator 2",
          4,
          4,
          {
              {"RCD", kAct, kRd | kWr, Scope::bank, 22},
              {"RAS", kAct, kPre | kPreAll, Scope::bank, 52},
              {"RC", kAct, kAct, Scope::bank, 74},
              {"RC to REF", kAct, kRef, Scope::channel, 74},
              {"RP", kPre, kAct, Scope::bank, 22},
              {"RP of all", kPreAll, kAct | kRef, Scope::channel, 22},
              {"RP to REF", kPre, kRef, Scope::channel, 22},
              {"RRD_S", kAct, kAct, Scope::channel, 4},
              {"RRD_L", kAct, kAct, Scope::group, 8},
              {"FAW", kAct, kAct, Scope::channel, 34, 4},
              {"CCD_S read", kRd, kRd, Scope::channel, 4},
              {"CCD_L read", kRd, kRd, Scope::group, 8},
              {"CCD_S write", kWr, kWr, Scope::channel, 4},
              {"CCD_L write", kWr, kWr, Scope::group, 8},
              {"RTP", kRd, kPre | kPreAll, Scope::bank, 12},
              {"RTW", kRd, kWr, Scope::channel, rl + burst + 2 - wl},
              {"WTR_S", kWr, kRd, Scope::channel, wl + burst + 4},
              {"WTR_L", kWr, kRd, Scope::group, wl + burst + 12},
              {"WR", kWr, kPre | kPreAll, Scope::bank, wl + burst + 24},
              {"RFC", kRef, kAct | kRef, Scope::channel, 576},
          },
          rl,
          wl,
          burst,
          64,
          625,
          12480};
}

/// JESD235, as in tukl-msd/DRAMSys: configs/memspec/HBM2.json and src/DRAMSys/controller/checker/CheckerHBM2.cpp, which
/// counts from the first of an activate's two clocks; what it adds for that is left out.
JedecDevice hbm2() {
  const int rl = 17, wl = 7, burst = 2;
  return {"hbm2",
          "DRAMSys",
          8,
          4,
          {
              {"RCDRD", kAct, kRd, Scope::bank, 12},
              {"RCDWR", kAct, kWr, Scope::bank, 6},
              {"RAS", kAct, kPre | kPreAll, Scope::bank, 28},
              {"RC", kAct, kAct, Scope::bank, 42},
              {"RC to REF", kAct, kRef, Scope::channel, 42},
              {"RP", kPre, kAct, Scope::bank, 14},
              {"RP of all", kPreAll, kAct | kRef, Scope::channel, 14},
              {"RP to REF", kPre, kRef, Scope::channel, 14},
              {"RRD_S", kAct, kAct, Scope::channel, 4},
              {"RRD_L", kAct, kAct, Scope::group, 6},
              {"FAW", kAct, kAct, Scope::channel, 16, 4},
              {"CCD_S read", kRd, kRd, Scope::channel, 2},
              {"CCD_L read", kRd, kRd, Scope::group, 3},
              {"CCD_S write", kWr, kWr, Scope::channel, 2},
              {"CCD_L write", kWr, kWr, Scope::group, 3},
              {"RTP", kRd, kPre | kPreAll, Scope::bank, 5},
              {"RTW", kRd, kWr, Scope::channel, 18},
              {"WTR_S", kWr, kRd, Scope::channel, wl + burst + 4},
              {"WTR_L", kWr, kRd, Scope::group, wl + burst + 9},
              {"WR", kWr, kPre | kPreAll, Scope::bank, wl + burst + 14},
              {"RFC", kRef, kAct | kRef, Scope::channel, 220},
          },
          rl,
          wl,
          burst,
          32,
          1000,
          3900};
}

}  // namespace

const std::vector<JedecDevice>& jedec_devices() {
  static const std::vector<JedecDevice> devices{lpddr4(), lpddr5(), ddr4(), hbm2()};
  return devices;
}

const JedecDevice& jedec_device(const std::string& name) {
  const auto& all = jedec_devices();
  const auto found = std::find_if(all.begin(), all.end(), [&](const JedecDevice& each) { return name == each.name; });
  if (found == all.end()) throw std::runtime_error("no rules of " + name);
  return *found;
}

}  // namespace flexcim::oracle
