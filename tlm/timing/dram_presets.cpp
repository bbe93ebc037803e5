#include "flow/base/error.h"
#include "tlm/timing/dram_timing.h"

#include <fmt/format.h>

namespace flexcim {

namespace {

/// JEDEC LPDDR4-3200, one x16 channel of an 8 Gb die.
DramParameters lpddr4_3200() {
  DramParameters p;
  p.name = "LPDDR4-3200";
  p.clock_ps = 625;
  p.bus_bytes = 2, p.burst_length = 16, p.burst_clocks = 8;
  p.bank_groups = 1, p.banks_per_group = 8, p.row_bytes = 2048;
  p.rcd_read = p.rcd_write = 29, p.rp = 29, p.rp_all = 34, p.ras = 68;
  p.rl = 28, p.wl = 14, p.wr = 29, p.rtp = 12;
  p.ccd_s = p.ccd_l = 8, p.rrd_s = p.rrd_l = 16, p.faw = 64, p.wtr_s = p.wtr_l = 16;
  p.rfc = 448, p.refi = 6246;
  return p;
}

/// JESD209-5B LPDDR5-6400, one x16 channel, bank-group mode, 8 Gb; the clock is CK (WCK runs at four times it).
DramParameters lpddr5_6400() {
  DramParameters p;
  p.name = "LPDDR5-6400";
  p.clock_ps = 1250;
  p.bus_bytes = 2, p.burst_length = 16, p.burst_clocks = 2;
  p.bank_groups = 4, p.banks_per_group = 4, p.row_bytes = 2048;
  p.rcd_read = p.rcd_write = 15, p.rp = 15, p.rp_all = 17, p.ras = 34;
  p.rl = 17, p.wl = 9, p.wr = 28, p.rtp = 8;
  p.ccd_s = 2, p.ccd_l = 4, p.rrd_s = p.rrd_l = 4, p.faw = 16, p.wtr_s = 5, p.wtr_l = 10;
  p.rfc = 168, p.refi = 3125;
  return p;
}

/// JESD79-4 DDR4-3200AA, one 64-bit channel of x8 devices (1 KB rows each).
DramParameters ddr4_3200() {
  DramParameters p;
  p.name = "DDR4-3200";
  p.clock_ps = 625;
  p.bus_bytes = 8, p.burst_length = 8, p.burst_clocks = 4;
  p.bank_groups = 4, p.banks_per_group = 4, p.row_bytes = 8192;
  p.rcd_read = p.rcd_write = 22, p.rp = p.rp_all = 22, p.ras = 52;
  p.rl = 22, p.wl = 16, p.wr = 24, p.rtp = 12;
  p.ccd_s = 4, p.ccd_l = 8, p.rrd_s = 4, p.rrd_l = 8, p.faw = 34, p.wtr_s = 4, p.wtr_l = 12;
  p.rfc = 576, p.refi = 12480;
  return p;
}

/// JESD235 HBM2, one 64-bit pseudo-channel with 1 KB rows.
DramParameters hbm2() {
  DramParameters p;
  p.name = "HBM2";
  p.clock_ps = 1000;
  p.bus_bytes = 8, p.burst_length = 4, p.burst_clocks = 2;
  p.bank_groups = 8, p.banks_per_group = 4, p.row_bytes = 1024;
  p.rcd_read = 12, p.rcd_write = 6, p.rp = p.rp_all = 14, p.ras = 28;
  p.rl = 17, p.wl = 7, p.wr = 14, p.rtp = 5;
  p.ccd_s = 2, p.ccd_l = 3, p.rrd_s = 4, p.rrd_l = 6, p.faw = 16, p.wtr_s = 4, p.wtr_l = 9;
  p.rfc = 220, p.refi = 3900;
  return p;
}

bool power_of_two(int value) { return value > 0 && (value & (value - 1)) == 0; }

}  // namespace

DramParameters dram_preset(const std::string& name) {
  for (const DramParameters& preset : {lpddr4_3200(), lpddr5_6400(), ddr4_3200(), hbm2()}) {
    if (preset.name == name) return preset;
  }
  throw InputError(
      fmt::format("DRAM type '{}' is not known; known are LPDDR4-3200, LPDDR5-6400, DDR4-3200 and HBM2", name));
}

double DramParameters::peak_bytes_per_second() const {
  return channels * static_cast<double>(burst_bytes()) / (ccd_s * static_cast<double>(clock_ps) * 1e-12);
}

void DramParameters::validate() const {
  const auto require = [&](bool good, const char* what) {
    if (!good) throw InputError(fmt::format("DRAM {}: {}", name, what));
  };
  require(channels >= 1 && channels <= 64, "channels must be 1..64");
  require(clock_ps >= 1 && clock_ps <= 1'000'000, "clock_ps must be 1..1000000");
  require(power_of_two(bus_bytes) && bus_bytes <= 1024, "bus_bytes must be a power of two up to 1024");
  require(power_of_two(burst_length) && burst_length <= 64, "burst_length must be a power of two up to 64");
  require(power_of_two(row_bytes) && row_bytes >= burst_bytes() && row_bytes <= 1 << 20,
          "row_bytes must be a power of two that holds a burst");
  require(power_of_two(interleave_bytes) && interleave_bytes >= burst_bytes() && interleave_bytes <= 1 << 20,
          "interleave_bytes must be a power of two that holds a burst");
  require(bank_groups >= 1 && bank_groups <= kMostBankGroups, "bank_groups must be 1..16");
  require(banks_per_group >= 1 && banks_per_group <= 64, "banks_per_group must be 1..64");
  for (int value : {burst_clocks, rcd_read, rcd_write, rp, rp_all, ras, rl, wl, ccd_s, ccd_l, rfc, refi}) {
    require(value >= 1 && value <= 1'000'000, "every time must be 1..1000000 clocks");
  }
  for (int value : {wr, rtp, rrd_s, rrd_l, faw, wtr_s, wtr_l}) {
    require(value >= 0 && value <= 1'000'000, "every time must be 0..1000000 clocks");
  }
  require(ccd_s >= burst_clocks && ccd_l >= ccd_s, "ccd_l >= ccd_s >= burst_clocks must hold");
  require(bank_groups * ccd_s >= ccd_l, "bank_groups * ccd_s must reach ccd_l, so that a stream runs at ccd_s");
  require(refi > rfc + rp_all, "refi must be longer than a refresh");
}

}  // namespace flexcim
