#include "flow/base/error.h"
#include "tlm/timing/dram_timing.h"

#include <fmt/format.h>
#include <string_view>

namespace flexcim {

namespace {

constexpr int kLongest = 1'000'000;  // clocks
constexpr const char* kClocks = "clocks";

bool power_of_two(int value) { return value > 0 && (value & (value - 1)) == 0; }

}  // namespace

const std::vector<DramField>& dram_fields() {
  using P = DramParameters;
  static const std::vector<DramField> fields{
      {"clock_ps", &P::clock_ps, 1, 1'000'000, "ps", "CK: period of the command clock"},
      {"bus_bytes", &P::bus_bytes, 1, 1024, "bytes", "width of the data bus, a power of two"},
      {"burst_length", &P::burst_length, 1, 64, "beats", "of a burst, a power of two"},
      {"burst_clocks", &P::burst_clocks, 1, kLongest, kClocks, "for which a burst occupies the data bus"},
      {"bank_groups", &P::bank_groups, 1, kMostBankGroups, "", "of a channel"},
      {"banks_per_group", &P::banks_per_group, 1, 64, "", "banks of a group"},
      {"row_bytes", &P::row_bytes, 1, 1 << 20, "bytes", "row of a bank, a power of two that holds a burst"},
      {"rcd_read", &P::rcd_read, 1, kLongest, kClocks, "activate to read"},
      {"rcd_write", &P::rcd_write, 1, kLongest, kClocks, "activate to write"},
      {"rp", &P::rp, 1, kLongest, kClocks, "precharge to activate"},
      {"rp_all", &P::rp_all, 1, kLongest, kClocks, "precharge of all banks to refresh"},
      {"ras", &P::ras, 1, kLongest, kClocks, "activate to precharge"},
      {"rl", &P::rl, 1, kLongest, kClocks, "read to its data"},
      {"wl", &P::wl, 1, kLongest, kClocks, "write to its data"},
      {"wr", &P::wr, 0, kLongest, kClocks, "last data written to precharge"},
      {"rtp", &P::rtp, 0, kLongest, kClocks, "read to precharge"},
      {"ccd_s", &P::ccd_s, 1, kLongest, kClocks, "column command to the next, other bank group"},
      {"ccd_l", &P::ccd_l, 1, kLongest, kClocks, "column command to the next, same bank group"},
      {"rrd_s", &P::rrd_s, 0, kLongest, kClocks, "activate to the next, other bank group"},
      {"rrd_l", &P::rrd_l, 0, kLongest, kClocks, "activate to the next, same bank group"},
      {"faw", &P::faw, 0, kLongest, kClocks, "window of four activates"},
      {"wtr_s", &P::wtr_s, 0, kLongest, kClocks, "last data written to read, other bank group"},
      {"wtr_l", &P::wtr_l, 0, kLongest, kClocks, "last data written to read, same bank group"},
      {"rtw", &P::rtw, 1, kLongest, kClocks, "read to write"},
      {"rfc", &P::rfc, 1, kLongest, kClocks, "an all-bank refresh"},
      {"refi", &P::refi, 1, kLongest, kClocks, "from one refresh to the next"},
  };
  return fields;
}

double DramParameters::peak_bytes_per_second() const {
  return channels * static_cast<double>(burst_bytes()) / (ccd_s * static_cast<double>(clock_ps) * 1e-12);
}

void DramParameters::validate() const {
  const auto require = [&](bool good, std::string_view what) {
    if (!good) throw InputError(fmt::format("DRAM {}: {}", name, what));
  };
  for (const DramField& field : dram_fields()) {
    require(this->*field.value >= field.low && this->*field.value <= field.high,
            fmt::format("{} must be {}..{}", field.name, field.low, field.high));
  }
  require(channels >= 1 && channels <= kMostDramChannels, fmt::format("channels must be 1..{}", kMostDramChannels));
  require(power_of_two(bus_bytes), "bus_bytes must be a power of two");
  require(power_of_two(burst_length), "burst_length must be a power of two");
  require(power_of_two(row_bytes) && row_bytes >= burst_bytes(), "row_bytes must be a power of two that holds a burst");
  require(power_of_two(interleave_bytes) && interleave_bytes >= burst_bytes() && interleave_bytes <= 1 << 20,
          "interleave_bytes must be a power of two that holds a burst");
  require(ccd_s >= burst_clocks && ccd_l >= ccd_s, "ccd_l >= ccd_s >= burst_clocks must hold");
  require(bank_groups * ccd_s >= ccd_l, "bank_groups * ccd_s must reach ccd_l, so that a stream runs at ccd_s");
  require(rtw + wl >= rl + burst_clocks, "rtw must let the read's data go before the write's come");
  require(refi > rfc + rp_all, "refi must be longer than a refresh");
}

}  // namespace flexcim
