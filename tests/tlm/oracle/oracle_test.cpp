// The DRAM model against the published rules: its commands break none, every rule that is broken is found, and it is
// as fast as the rules let it be.
#include "flow/base/error.h"
#include "tests/tlm/dram_device.h"
#include "tests/tlm/oracle/dram_traffic.h"
#include "tests/tlm/oracle/in_order_controller.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

using namespace flexcim;
using namespace flexcim::oracle;
using Kind = DramCommand::Kind;

namespace {

Kind first_of(Kinds kinds) {
  unsigned kind = 0;
  while ((kinds & 1u << kind) == 0) ++kind;
  return static_cast<Kind>(kind);
}

DramCommand to_bank(Kind kind, int group, int bank, std::int64_t clock) {
  const bool all = kind == Kind::precharge_all || kind == Kind::refresh_all;
  return all ? DramCommand{kind, -1, -1, -1, clock} : DramCommand{kind, group, bank, 0, clock};
}

/// What is said of a command that comes `clocks` after the first of as many as the rule looks back to.
std::vector<std::string> broken_after(const JedecDevice& device, const JedecRule& rule, Kind from, Kind to,
                                      int clocks) {
  JedecChecker checker(device);
  const int start = 1000;
  for (int i = 0; i < rule.window; ++i) checker.check(to_bank(from, 0, 0, start + std::min(i, clocks)));
  return checker.check(to_bank(to, 0, 0, start + clocks));
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Rules that a model of `model`'s times breaks, by the rules of the device of that name.
std::set<std::string> violations(const DramParameters& model, std::uint64_t commands_each) {
  std::set<std::string> names;
  for (const Traffic traffic : kAllTraffic) {
    DramTiming dram(model);
    TraceChecker checker(jedec_device(model.name));
    dram.set_command_listener(&checker);
    drive(dram, checker, traffic, 1, commands_each);
    for (const auto& [name, count] : checker.violations()) names.insert(name);
  }
  return names;
}

}  // namespace

TEST_CASE("DRAM oracle: every rule of every device is kept at its limit and broken one clock before") {
  std::size_t rules = 0;
  for (const JedecDevice& device : jedec_devices()) {
    for (const JedecRule& rule : device.rules) {
      for (unsigned from = 0; from < 6; ++from) {
        for (unsigned to = 0; to < 6; ++to) {
          if ((rule.from & 1u << from) == 0 || (rule.to & 1u << to) == 0) continue;
          CAPTURE(device.name, rule.name, from, to);
          const auto a = static_cast<Kind>(from), b = static_cast<Kind>(to);
          CHECK_FALSE(has(broken_after(device, rule, a, b, rule.clocks), rule.name));
          CHECK(has(broken_after(device, rule, a, b, rule.clocks - 1), rule.name));
          ++rules;
        }
      }
    }
  }
  CHECK(rules > 100);
}

TEST_CASE("DRAM oracle: rules of a bank or a group bind no other one") {
  for (const JedecDevice& device : jedec_devices()) {
    for (const JedecRule& rule : device.rules) {
      if (rule.scope == Scope::channel || rule.to == (kPre | kPreAll)) continue;
      CAPTURE(device.name, rule.name);
      JedecChecker checker(device);
      checker.check(to_bank(first_of(rule.from), 0, 0, 1000));
      const bool of_group = rule.scope == Scope::group;
      CHECK_FALSE(has(checker.check(to_bank(first_of(rule.to), of_group ? 1 : 0, of_group ? 0 : 1, 1001)), rule.name));
    }
  }
}

TEST_CASE("DRAM oracle: what is not a matter of distance is found, too") {
  const JedecDevice& device = jedec_device("ddr4");
  const auto first_broken = [&](const std::vector<DramCommand>& commands) {
    TraceChecker checker(device);
    for (const DramCommand& command : commands) checker.on_command(0, command);
    checker.finish();
    return checker.violations();
  };
  using Found = std::map<std::string, std::uint64_t>;
  const DramCommand open{Kind::activate, 0, 0, 7, 0};
  CHECK(first_broken({open, {Kind::read, 0, 0, 7, 100}}).empty());
  CHECK(first_broken({open, {Kind::read, 0, 0, 8, 100}}) == Found{{"state", 1}});            // another row
  CHECK(first_broken({open, {Kind::activate, 0, 0, 8, 100}}) == Found{{"state", 1}});        // is open
  CHECK(first_broken({open, {Kind::refresh_all, -1, -1, -1, 100}}) == Found{{"state", 1}});  // one is open
  CHECK(first_broken({{Kind::write, 0, 0, 7, 100}}) == Found{{"state", 1}});                 // none is open
  // A write's first beat comes 16 clocks after it, a read's 22 to 26 after it.
  const auto turn = first_broken({open, {Kind::read, 0, 0, 7, 100}, {Kind::write, 0, 0, 7, 109}});
  CHECK(turn == Found{{"RTW", 1}, {"data bus", 1}});
  // Eight may be postponed: the ninth is due in clock 9 * 12480.
  CHECK(first_broken({{Kind::activate, 0, 0, 7, 9 * 12480 - 1}}).empty());
  CHECK(first_broken({{Kind::activate, 0, 0, 7, 9 * 12480}}) == Found{{"REFI", 1}});
}

TEST_CASE("DRAM oracle: the model's commands break no rule") {
  for (const char* name : kDramDevices) {
    for (const int channels : {1, 4}) {
      for (const Traffic traffic : kAllTraffic) {
        DramParameters parameters = dram_device(name);
        parameters.channels = channels;
        DramTiming dram(parameters);
        TraceChecker checker(jedec_device(name), channels);
        dram.set_command_listener(&checker);
        drive(dram, checker, traffic, 7, 40'000);
        checker.finish();
        CAPTURE(name, channels, to_string(traffic));
        CHECK(checker.first() == "");
        const DramEvents& events = dram.events();
        const auto& kinds = checker.kinds();
        CHECK(kinds == std::array<std::uint64_t, 6>{events.activates, events.read_bursts, events.write_bursts, kinds[3],
                                                    kinds[4], events.refreshes});
      }
    }
  }
}

TEST_CASE("DRAM oracle: a model that is a clock too fast is found out, whichever constraint it is") {
  // By device in the order of kDramDevices, the rule that tells; none where nothing can: four activates at RRD take at
  // least FAW but in DDR4, LPDDR4 has one bank group, and commands do not show when a read's data come.
  struct Planted {
    const char* value;
    std::array<const char*, 4> rule;
  };
  const std::vector<Planted> all{
      {"burst_clocks", {"WTR", "WTR_S", "WTR_S", "WTR_S"}},
      {"rcd_read", {"RCD", "RCD", "RCD", "RCDRD"}},
      {"rcd_write", {"RCD", "RCD", "RCD", "RCDWR"}},
      {"rp", {"RPpb", "RPpb", "RP", "RP"}},
      {"rp_all", {"RPab", "RPab", "RP of all", "RP of all"}},
      {"ras", {"RAS", "RAS", "RAS", "RAS"}},
      {"rl", {}},
      {"wl", {"WTR", "WTR_S", "WTR_S", "WTR_S"}},
      {"wr", {"WR", "WR", "WR", "WR"}},
      {"rtp", {"RTP", "RTP", "RTP", "RTP"}},
      {"ccd_s", {"refused", "refused", "refused", "refused"}},
      {"ccd_l", {"refused", "CCD_L read", "CCD_L read", "CCD_L read"}},
      {"rrd_s", {nullptr, "RRD", "RRD_S", "RRD_S"}},
      {"rrd_l", {"RRD", "RRD", "RRD_L", "RRD_L"}},
      {"faw", {nullptr, nullptr, "FAW", nullptr}},
      {"wtr_s", {nullptr, "WTR_S", "WTR_S", "WTR_S"}},
      {"wtr_l", {"WTR", "WTR_L", "WTR_L", "WTR_L"}},
      {"rtw", {"RTW", "RTW", "RTW", "RTW"}},
      {"rfc", {"RFCab", "RFCab", "RFC", "RFC"}},
      {"refi", {"REFI", "REFI", "REFI", "REFI"}},
  };
  std::size_t planted = 0;
  for (const DramField& field : dram_fields()) {
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const Planted& each) { return std::string(each.value) == field.name; });
    const bool is_time = std::string(field.unit) == "clocks";
    CAPTURE(field.name);
    REQUIRE((found != all.end()) == is_time);
    if (!is_time) continue;
    for (std::size_t device = 0; device < 4; ++device) {
      DramParameters model = dram_device(kDramDevices[device]);
      // Refreshes that come too seldom show when more than eight are behind.
      const bool refi = std::string(field.name) == "refi";
      model.*field.value += refi ? model.refi / 8 : -1;
      CAPTURE(model.name);
      const char* const rule = found->rule[device];
      if (rule != nullptr && std::string(rule) == "refused") {
        CHECK_THROWS_AS(model.validate(), InputError);
        continue;
      }
      const std::set<std::string> broken = violations(model, refi ? 300'000 : 20'000);
      CHECK(broken.empty() == (rule == nullptr));
      CHECK((rule == nullptr || broken.count(rule) == 1));
      ++planted;
    }
  }
  CHECK(planted == 4 * all.size() - 5);
}

TEST_CASE("DRAM oracle: the model is as fast as an in-order controller may be") {
  for (const char* name : kDramDevices) {
    for (const Traffic traffic : kAllTraffic) {
      const DramParameters parameters = dram_device(name);
      DramTiming dram(parameters);
      InOrderController reference(jedec_device(name), parameters.row_bytes);
      Accesses accesses(traffic, 3, parameters);
      Picoseconds end = 0;
      std::int64_t reference_end = 0;
      for (int i = 0; i < 3000; ++i) {
        const Access access = accesses.next(end);
        end = dram.access(access.at, access.address, access.bytes, access.write);
        const std::int64_t arrival = (access.at + parameters.clock_ps - 1) / parameters.clock_ps;
        reference_end = reference.access(arrival, access.address, access.bytes, access.write);
      }
      CAPTURE(name, to_string(traffic), end / parameters.clock_ps, reference_end);
      CHECK(static_cast<double>(end / parameters.clock_ps) == Approx(static_cast<double>(reference_end)).epsilon(0.01));
    }
  }
}
