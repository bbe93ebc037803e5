#include "tlm/timing/dram_timing.h"

#include "flow/base/error.h"
#include "tests/tlm/dram_device.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace flexcim;

namespace {
constexpr bool kRead = false, kWrite = true;
}

TEST_CASE("DRAM timing: LPDDR4 first read opens the row, the next in it hits, another row conflicts") {
  DramTiming dram(dram_device("lpddr4"));
  // ACT at 0, RD at RCD = 29, data ends at 29 + RL 28 + burst 8 = 65 clocks of 625 ps.
  CHECK(dram.access(0, 0, 32, kRead) == 65 * 625);
  // Hit, arriving at clock 100: RD at 100, data ends at 100 + 28 + 8 = 136.
  CHECK(dram.access(100 * 625, 32, 32, kRead) == 136 * 625);
  CHECK(dram.events().row_hits == 1);
  CHECK(dram.events().activates == 1);
  // Row 1 of bank 0 lies 8 banks * 2048 bytes on. Arriving at 120: precharge at max(120, ACT 0 + RAS 68, RD 100 + RTP
  // 12) = 120, ACT at 120 + RP 29 = 149, RD at 149 + 29 = 178, data ends at 178 + 28 + 8 = 214.
  CHECK(dram.access(120 * 625, 8 * 2048, 32, kRead) == 214 * 625);
  CHECK(dram.events().activates == 2);
}

TEST_CASE("DRAM timing: a row conflict waits for RAS") {
  DramTiming dram(dram_device("lpddr4"));
  dram.access(0, 0, 32, kRead);
  // Arriving at 1: precharge at ACT 0 + RAS 68, ACT at 68 + RP 29 = 97, RD at 97 + 29 = 126, end 126 + 28 + 8 = 162.
  CHECK(dram.access(625, 8 * 2048, 32, kRead) == 162 * 625);
}

TEST_CASE("DRAM timing: arrival is rounded up to a clock") {
  DramTiming dram(dram_device("lpddr4"));
  CHECK(dram.access(1, 0, 32, kRead) == (1 + 65) * 625);
}

TEST_CASE("DRAM timing: another bank is activated RRD after the first and its data follows CCD later") {
  DramTiming dram(dram_device("lpddr4"));
  dram.access(0, 0, 32, kRead);
  // Bank 1: ACT at RRD 16, RD at 16 + 29 = 45, end 45 + 28 + 8 = 81.
  CHECK(dram.access(0, 2048, 32, kRead) == 81 * 625);
}

TEST_CASE("DRAM timing: the fifth activate waits for the four-activate window") {
  DramTiming dram(dram_device("lpddr5"));
  // Four bank groups at once: ACT at 0, 4, 8, 12 (RRD 4). Four bursts CCD_S 2 apart; the last one is ready at 12 + RCD
  // 15 = 27, so it is read at 27; end 27 + CL 17 + 2 = 46 clocks of 1250 ps.
  CHECK(dram.access(0, 0, 4 * 32, kRead) == 46 * 1250);
  // Next bank of group 0 (4 groups * 2048 bytes on): ACT at max(12 + RRD 4, 0 + FAW 16) = 16, RD at 16 + 15 = 31,
  // end 50.
  CHECK(dram.access(0, 4 * 2048, 32, kRead) == 50 * 1250);
}

TEST_CASE("DRAM timing: two bursts of one bank group are CCD_L apart, of different groups CCD_S") {
  DramTiming dram(dram_device("ddr4"));
  // ACT 0, RD 22, end 22 + 22 + 4 = 48.
  CHECK(dram.access(0, 0, 64, kRead) == 48 * 625);
  // Same group (4 bursts on), arriving at once: RD at 22 + CCD_L 8 = 30, end 56.
  CHECK(dram.access(0, 4 * 64, 64, kRead) == 56 * 625);
  // Group 1, ACT at 0 + RRD_S 4, ready at 26; RD at 30 + CCD_S 4 = 34, end 60.
  CHECK(dram.access(0, 64, 64, kRead) == 60 * 625);
}

TEST_CASE("DRAM timing: turnaround between reads and writes") {
  DramTiming dram(dram_device("lpddr4"));
  dram.access(0, 0, 32, kRead);  // RD at 29
  // WR at 29 + RTW 30 = 59, end 59 + WL 14 + 8 = 81.
  CHECK(dram.access(0, 32, 32, kWrite) == 81 * 625);
  // RD at 59 + WL 14 + burst 8 + WTR 17 = 98, end 98 + 28 + 8 = 134.
  CHECK(dram.access(0, 64, 32, kRead) == 134 * 625);
  CHECK(dram.events().write_bursts == 1);
  CHECK(dram.events().read_bursts == 2);
}

TEST_CASE("DRAM timing: a read waits for a write to its bank group, also where another group was written last") {
  DramTiming dram(dram_device("ddr4"));
  // ACT of groups 0 and 1 at 0 and RRD_S 4; WR to group 0 at RCD 22, to group 1 at 26, end 26 + WL 16 + 4 = 46.
  CHECK(dram.access(0, 0, 2 * 64, kWrite) == 46 * 625);
  // RD of group 0: 26 + 16 + 4 + WTR_S 4 = 50 behind group 1, but 22 + 16 + 4 + WTR_L 12 = 54 behind its own; end 54 +
  // RL 22 + 4 = 80.
  CHECK(dram.access(0, 0, 64, kRead) == 80 * 625);
}

TEST_CASE("DRAM timing: a written row is precharged only after write recovery") {
  DramTiming dram(dram_device("lpddr4"));
  dram.access(0, 0, 32, kWrite);  // WR at 29, end 29 + 14 + 8 = 51
  // Precharge at max(RAS 68, 51 + WR 30 = 81) = 81, ACT 110, RD 139, end 139 + 28 + 8 = 175.
  CHECK(dram.access(0, 8 * 2048, 32, kRead) == 175 * 625);
}

TEST_CASE("DRAM timing: refresh closes the rows") {
  DramTiming dram(dram_device("lpddr4"));
  dram.access(0, 0, 32, kRead);
  // Arriving when the refresh falls due at 6246: precharge all 34, RFC 448; ACT at 6246 + 34 + 448 = 6728, RD 6757, end
  // 6793.
  CHECK(dram.access(std::int64_t{6246} * 625, 0, 32, kRead) == std::int64_t{6793} * 625);
  CHECK(dram.events().refreshes == 1);
  // After a long idle time the refreshes have been made meanwhile: 10 more by 11 * 6246 = 68706, the last one over by
  // 68706 + 34 + 448 = 69188; ACT at 70000, end 70000 + 29 + 28 + 8 = 70065.
  CHECK(dram.access(std::int64_t{70000} * 625, 0, 32, kRead) == std::int64_t{70065} * 625);
  CHECK(dram.events().refreshes == 11);
  // Rows are open when refresh 12 falls due at 74952, and closed when 13 does, at 81198: that is over by 81198 + 448 =
  // 81646; ACT then, end 81646 + 65 = 81711.
  CHECK(dram.access(std::int64_t{81198} * 625, 0, 32, kRead) == std::int64_t{81711} * 625);
  CHECK(dram.events().refreshes == 13);
}

TEST_CASE("DRAM timing: two channels share a stream") {
  DramParameters parameters = dram_device("lpddr4");
  parameters.channels = 2;
  DramTiming dram(parameters);
  // 512 bytes: 256 from each channel, 8 bursts: RD at 29 ... 29 + 7 * 8 = 85, end 85 + 28 + 8 = 121, both at once.
  CHECK(dram.access(0, 0, 512, kRead) == 121 * 625);
  // Bytes 256..511 alone are channel 1; channel 0 stays precharged, channel 1 hits.
  CHECK(dram.access(1000 * 625, 256, 32, kRead) == (1000 + 36) * 625);
  CHECK(dram.events().activates == 2);
}

TEST_CASE("DRAM timing: a long stream comes within refresh of the peak rate, never above it") {
  const struct {
    const char* name;
    double peak;
  } devices[] = {{"lpddr4", 6.4e9}, {"lpddr5", 12.8e9}, {"ddr4", 25.6e9}, {"hbm2", 16e9}};
  for (const auto& device : devices) {
    for (int channels : {1, 4}) {
      DramParameters parameters = dram_device(device.name);
      parameters.channels = channels;
      CAPTURE(device.name, channels);
      CHECK(parameters.peak_bytes_per_second() == Approx(device.peak * channels));
      DramTiming dram(parameters);
      const std::uint64_t total = 16 << 20, step = 4096;
      std::int64_t end = 0;
      for (std::uint64_t at = 0; at < total; at += step) end = dram.access(0, at, step, kRead);
      const double rate = static_cast<double>(total) / (static_cast<double>(end) * 1e-12);
      const double refresh_free =
          1.0 - static_cast<double>(parameters.rfc + parameters.rp_all + parameters.rcd_read) / parameters.refi;
      CHECK(rate < parameters.peak_bytes_per_second());
      CHECK(rate > 0.97 * refresh_free * parameters.peak_bytes_per_second());
    }
  }
}

TEST_CASE("DRAM timing: cutting a transfer into pieces changes nothing while the pieces wait") {
  DramTiming whole(dram_device("ddr4")), pieces(dram_device("ddr4"));
  const std::int64_t expected = whole.access(0, 64, 24576, kRead);
  std::int64_t end = 0;
  for (std::uint64_t at = 64; at < 64 + 24576; at += 512) end = pieces.access(0, at, 512, kRead);
  CHECK(end == expected);
}

/// What a listener hears of accesses and of banks, each in order; of both together the order is not said. Of accesses
/// inside of one window, where there are windows, only their sum.
struct HeardOfRepeats : DramListener {
  Picoseconds window_ps = 0;
  std::vector<std::int64_t> accesses, banks;
  std::map<Picoseconds, std::vector<std::uint64_t>> sums;
  std::uint64_t calls = 0;

  Picoseconds sums_until(Picoseconds start_ps) const override {
    return window_ps > 0 ? (start_ps / window_ps + 1) * window_ps : start_ps;
  }
  void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) override {
    ++calls;
    if (window_ps > 0 && end_ps <= sums_until(start_ps)) {
      std::vector<std::uint64_t>& sum = sums[start_ps / window_ps];
      sum.resize(StatisticList<DramEvents>::list.size());
      std::size_t i = 0;
      for (const auto& each : StatisticList<DramEvents>::list) sum[i++] += each.of(events);
      return;
    }
    accesses.insert(accesses.end(), {start_ps, end_ps});
    for (const auto& each : StatisticList<DramEvents>::list) {
      accesses.push_back(static_cast<std::int64_t>(each.of(events)));
    }
  }
  void on_activate(int, int bank, std::int64_t row, bool closes, Picoseconds at_ps) override {
    banks.insert(banks.end(), {bank, row, closes, at_ps});
  }
  void on_refresh(int, Picoseconds start_ps, Picoseconds end_ps) override {
    banks.insert(banks.end(), {start_ps, end_ps});
  }
};

TEST_CASE("DRAM timing: what is repeated is what single accesses give") {
  std::mt19937 random(1);
  std::uint64_t repeated = 0, waiting = 0, across_rows = 0, told_together = 0;
  for (int round = 0; round < 2000; ++round) {
    const DramParameters p = dram_device(kDramDevices[round % 4]);
    DramTiming single(p), both(p);
    HeardOfRepeats of_single, of_both;
    of_single.window_ps = of_both.window_ps = round % 8 < 4 ? 0 : 1'000'000;
    single.set_listener(&of_single);
    both.set_listener(&of_both);
    std::int64_t now = 0;
    std::uint64_t address = 0;
    for (int stream = 0; stream < 6; ++stream) {
      const bool write = random() % 2 == 0;
      const std::uint64_t bytes = std::uint64_t{64} << random() % 4;
      // As fast as the bus or as it may be.
      const bool fast = random() % 2 == 0;
      const auto bursts = static_cast<std::int64_t>(bytes) / p.burst_bytes();
      const std::int64_t spacing = bursts * (p.bank_groups == 1 ? p.ccd_l : p.ccd_s);
      const std::int64_t period = p.clock_ps * (fast ? spacing : static_cast<std::int64_t>(1 + random() % 100));
      if (random() % 2 == 0) address = random() % (1 << 20) / bytes * bytes;
      now += static_cast<std::int64_t>(random() % 3 == 0 ? random() % 5'000'000 : random() % 50'000);
      const std::uint64_t row = static_cast<std::uint64_t>(p.row_bytes) * static_cast<std::uint64_t>(p.bank_groups);
      // A few wait in line: what comes then opens its row while they are served.
      for (int i = 0; i < 8; ++i, address += bytes) {
        REQUIRE(single.access(now, address, bytes, write) == both.access(now, address, bytes, write));
      }
      for (std::uint64_t left = 1 + random() % 200; left > 0;) {
        INFO(p.name << " round " << round << " stream " << stream << " left " << left);
        const std::int64_t finish = single.access(now, address, bytes, write);
        REQUIRE(both.access(now, address, bytes, write) == finish);
        // Requests that go on regularly, or irregularly at first.
        Cadence requests(now + period, period);
        const bool regular = random() % 2 == 0;
        std::uint64_t from = 0;
        for (std::uint64_t more = regular ? 0 : random() % 4; more > 0; --more) {
          from += 1 + random() % 4;
          requests.add(from, requests.at(from - 1) +
                                 static_cast<std::int64_t>(random()) % ((random() % 4 == 0 ? 12 : 2) * period));
        }
        address += bytes, --left;
        const std::uint64_t count = both.serve_many(address, bytes, left, requests);
        REQUIRE(count <= left);
        repeated += count;
        waiting += regular ? 0 : count;
        across_rows += count != 0 && address / row != (address + count * bytes - 1) / row ? 1 : 0;
        for (std::uint64_t j = 0; j < count; ++j, --left, address += bytes) {
          now = requests.at(j);
          REQUIRE(single.access(now, address, bytes, write) == finish + static_cast<std::int64_t>(j + 1) * period);
        }
        now = requests.at(count);
      }
    }
    for (const auto& each : StatisticList<DramEvents>::list) {
      INFO(std::string(each.name));
      REQUIRE(each.of(single.events()) == each.of(both.events()));
    }
    REQUIRE((of_single.accesses == of_both.accesses));
    REQUIRE((of_single.sums == of_both.sums));
    told_together += of_single.calls - of_both.calls;
    REQUIRE((of_single.banks == of_both.banks));
  }
  CHECK(repeated > 100'000);
  CHECK(waiting > 50'000);
  CHECK(across_rows > 1'000);
  CHECK(told_together > 20'000);
}

TEST_CASE("DRAM timing: listeners hear of every command, access, activate and refresh") {
  struct Heard : DramListener, DramCommandListener {
    std::vector<std::string> told, commands;
    void on_access(Picoseconds start_ps, Picoseconds end_ps, const DramEvents& events) override {
      told.push_back(fmt::format("access {} {}: {} activates, {} hits, {} + {} bursts, {} refreshes", start_ps / 625,
                                 end_ps / 625, events.activates, events.row_hits, events.read_bursts,
                                 events.write_bursts, events.refreshes));
    }
    void on_activate(int channel, int bank, std::int64_t row, bool closes, Picoseconds at_ps) override {
      told.push_back(
          fmt::format("{}: bank {} row {}{} at {}", channel, bank, row, closes ? " closes" : "", at_ps / 625));
    }
    void on_refresh(int channel, Picoseconds start_ps, Picoseconds end_ps) override {
      told.push_back(fmt::format("{}: refresh {} {}", channel, start_ps / 625, end_ps / 625));
    }
    void on_command(int channel, const DramCommand& c) override {
      const char* const names[] = {"ACT", "RD", "WR", "PRE", "PREA", "REF"};
      commands.push_back(fmt::format("{}: {} {} {} {} at {}", channel, names[static_cast<int>(c.kind)], c.bank_group,
                                     c.bank, c.row, c.clock));
    }
    /// Since it was asked last.
    std::vector<std::string> take(std::vector<std::string> Heard::*which) { return std::exchange(this->*which, {}); }
  } heard;
  using Lines = std::vector<std::string>;

  DramParameters parameters = dram_device("ddr4");
  parameters.channels = 2;
  DramTiming dram(parameters);
  dram.set_listener(&heard);
  dram.set_command_listener(&heard);
  // Channel 1 holds pieces of 256 bytes: its burst 7169 is group 1, bank 2, row 3: (3 * 4 + 2) * 512 + 1.
  const auto address = [](std::uint64_t burst) { return (burst / 4 * 2 + 1) * 256 + burst % 4 * 64; };
  const auto burst_of = [](std::uint64_t row, std::uint64_t bank, std::uint64_t group) {
    return (row * 4 + bank) * 512 + group;
  };
  dram.access(0, address(burst_of(3, 2, 1)), 64, kRead);
  CHECK(heard.take(&Heard::commands) == Lines{"1: ACT 1 2 3 at 0", "1: RD 1 2 3 at 22"});
  CHECK(heard.take(&Heard::told) ==
        Lines{"1: bank 6 row 3 at 0", "access 0 48: 1 activates, 0 hits, 1 + 0 bursts, 0 refreshes"});
  // Precharged at ACT 0 + RAS 52, ACT at 52 + RP 22 = 74, two WR at 74 + 22 = 96 and, of group 2 that is activated
  // RRD_S 4 later, at 100; end 100 + 16 + 4.
  dram.access(625, address(burst_of(5, 2, 1)), 128, kWrite);
  CHECK(heard.take(&Heard::commands) == Lines{"1: PRE 1 2 3 at 52", "1: ACT 1 2 5 at 74", "1: ACT 2 2 5 at 78",
                                              "1: WR 1 2 5 at 96", "1: WR 2 2 5 at 100"});
  CHECK(heard.take(&Heard::told) == Lines{"1: bank 6 row 5 closes at 74", "1: bank 10 row 5 at 78",
                                          "access 1 120: 2 activates, 0 hits, 0 + 2 bursts, 0 refreshes"});
  // The first refresh falls due at 12480; precharge of all 22, refresh 576.
  dram.access(std::int64_t{12480} * 625, address(burst_of(5, 2, 1)), 64, kRead);
  CHECK(heard.take(&Heard::commands) == Lines{"1: PREA -1 -1 -1 at 12480", "1: REF -1 -1 -1 at 12502",
                                              "1: ACT 1 2 5 at 13078", "1: RD 1 2 5 at 13100"});
  CHECK(heard.take(&Heard::told) == Lines{"1: refresh 12480 13078", "1: bank 6 row 5 at 13078",
                                          "access 12480 13126: 1 activates, 0 hits, 1 + 0 bursts, 1 refreshes"});

  // Three refresh intervals pass. Two refreshes are over meanwhile, at 24960 and 37440; that of 49920 falls due while
  // the bank is open, which may be precharged RAS 52 after its ACT at 13078 + 37440 = 50518: refreshed from 50570 + 22
  // on.
  dram.skip(std::int64_t{3} * 12480 * 625);
  dram.access(std::int64_t{50519} * 625, address(burst_of(5, 2, 1)), 64, kRead);
  CHECK(heard.take(&Heard::told) == Lines{"1: refresh 24960 25536", "1: refresh 37440 38016", "1: refresh 50570 51168",
                                          "1: bank 6 row 5 at 51168",
                                          "access 50519 51216: 1 activates, 0 hits, 1 + 0 bursts, 3 refreshes"});
  CHECK(heard.take(&Heard::commands) == Lines{"1: REF -1 -1 -1 at 24960", "1: REF -1 -1 -1 at 37440",
                                              "1: PREA -1 -1 -1 at 50570", "1: REF -1 -1 -1 at 50592",
                                              "1: ACT 1 2 5 at 51168", "1: RD 1 2 5 at 51190"});
  // Idle and closed behind that of 62400 (precharged at 62400, until 62998), those of 74880 and 87360 are on time.
  dram.access(std::int64_t{90000} * 625, address(burst_of(5, 2, 1)), 64, kRead);
  CHECK(heard.take(&Heard::told) == Lines{"1: refresh 62400 62998", "1: refresh 74880 75456", "1: refresh 87360 87936",
                                          "1: bank 6 row 5 at 90000",
                                          "access 90000 90048: 1 activates, 0 hits, 1 + 0 bursts, 3 refreshes"});
}

TEST_CASE("DRAM timing: impossible parameters are named") {
  // What validate() says of a DDR4 with one change; empty where it takes it.
  const auto refusal = [](auto change) -> std::string {
    DramParameters parameters = dram_device("ddr4");
    change(parameters);
    try {
      parameters.validate();
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  using P = DramParameters;
  CHECK(refusal([](P&) {}) == "");
  for (const DramField& field : dram_fields()) {
    CAPTURE(field.name);
    for (const int value : {field.low - 1, field.high + 1}) {
      CHECK(refusal([&](P& p) { p.*field.value = value; }) == "DRAM ddr4: " + std::string(field.name) + " must be " +
                                                                  std::to_string(field.low) + ".." +
                                                                  std::to_string(field.high));
    }
  }
  // Every other rule, at the last value that keeps it and the first that does not. A burst has 8 beats of 8 bytes in 4
  // clocks.
  const struct {
    int P::*value;
    int good, bad;
    const char* message;
  } rules[] = {
      {&P::channels, 1, 0, "channels must be 1..32"},
      {&P::channels, 32, 33, "channels must be 1..32"},
      {&P::bus_bytes, 16, 12, "bus_bytes must be a power of two"},
      {&P::burst_length, 16, 12, "burst_length must be a power of two"},
      {&P::row_bytes, 64, 32, "row_bytes must be a power of two that holds a burst"},
      {&P::row_bytes, 4096, 3000, "row_bytes must be a power of two that holds a burst"},
      {&P::interleave_bytes, 64, 32, "interleave_bytes must be a power of two that holds a burst"},
      {&P::interleave_bytes, 1 << 20, 1 << 21, "interleave_bytes must be a power of two that holds a burst"},
      {&P::interleave_bytes, 128, 96, "interleave_bytes must be a power of two that holds a burst"},
      {&P::ccd_s, 4, 3, "ccd_l >= ccd_s >= burst_clocks must hold"},
      {&P::ccd_s, 8, 9, "ccd_l >= ccd_s >= burst_clocks must hold"},
      {&P::ccd_l, 16, 17, "bank_groups * ccd_s must reach ccd_l, so that a stream runs at ccd_s"},
      {&P::rtw, 10, 9, "rtw must let the read's data go before the write's come"},  // RL 22 + 4 - WL 16
      {&P::refi, 599, 598, "refi must be longer than a refresh"},                   // RFC 576 + RPab 22
  };
  for (const auto& rule : rules) {
    CAPTURE(rule.message, rule.good, rule.bad);
    CHECK(refusal([&](P& p) { p.*rule.value = rule.good; }) == "");
    CHECK(refusal([&](P& p) { p.*rule.value = rule.bad; }) == "DRAM ddr4: " + std::string(rule.message));
  }
}
