// The tables of docs/reliability.md on DRAM timing: dram_oracle [COMMANDS]. Exit code 1 if a rule is broken.
#include "tests/tlm/dram_device.h"
#include "tests/tlm/oracle/dram_traffic.h"
#include "tests/tlm/oracle/in_order_controller.h"

#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <string>

namespace flexcim::oracle {
namespace {

/// Of a model that is driven with every traffic.
bool check(const std::string& name, std::uint64_t commands) {
  bool good = true;
  for (const Traffic traffic : kAllTraffic) {
    DramTiming dram(dram_device(name));
    TraceChecker checker(jedec_device(name));
    dram.set_command_listener(&checker);
    drive(dram, checker, traffic, 1, commands);
    checker.finish();
    const auto& k = checker.kinds();
    fmt::print(
        "| {} | {} | {} | {} / {} / {} / {} | {} | {:.1f} % | {} |\n", name, to_string(traffic), checker.commands(),
        k[0], k[1] + k[2], k[3] + k[4], k[5],
        static_cast<double>(checker.latest_refresh()) / jedec_device(name).refresh_interval >= 0
            ? fmt::format("{:.3f}", static_cast<double>(checker.latest_refresh()) / jedec_device(name).refresh_interval)
            : "",
        100.0 * static_cast<double>(checker.shared_clocks()) / static_cast<double>(checker.commands()),
        checker.first().empty() ? "none" : checker.first());
    good = good && checker.first().empty();
  }
  return good;
}

using Serve = std::function<std::int64_t(std::int64_t, std::uint64_t, std::uint64_t, bool)>;

/// Clocks from arrival to the last beat, of lone reads of a burst each in another row of the bank that is open.
double conflict_latency(const Serve& serve, const DramParameters& device) {
  const std::uint64_t row = static_cast<std::uint64_t>(device.row_bytes) * device.bank_groups * device.banks_per_group;
  std::int64_t sum = 0;
  const int count = 1000;
  serve(0, 0, 1, false);
  // Far enough from each other to be alone, near enough for no refresh.
  for (int i = 1; i <= count; ++i) {
    const std::int64_t at = static_cast<std::int64_t>(i) * device.refi + device.refi / 2;
    serve(at, static_cast<std::uint64_t>(2 * i) * row, 1, false);
    sum += serve(at + 500, static_cast<std::uint64_t>(2 * i + 1) * row, 1, false) - at - 500;
  }
  return static_cast<double>(sum) / count;
}

/// GB/s of reads that all wait from the beginning.
double rate(const Serve& serve, const DramParameters& device, bool stream) {
  std::mt19937 random(5);
  const std::uint64_t burst = static_cast<std::uint64_t>(device.burst_bytes()), bytes = stream ? 4096 : burst;
  const int count = stream ? 20'000 : 200'000;
  std::int64_t end = 0;
  for (int i = 0; i < count; ++i) {
    const std::uint64_t at = stream ? static_cast<std::uint64_t>(i) * bytes : random() % (1u << 28) / burst * burst;
    end = serve(0, at, bytes, false);
  }
  return static_cast<double>(bytes) * count / (static_cast<double>(end) * device.clock_ps * 1e-3);
}

void figures(const std::string& name) {
  const DramParameters p = dram_device(name);
  const JedecDevice& device = jedec_device(name);
  const auto row = [&](const char* what, double ours, double in_order, double published) {
    fmt::print("| {} | {} | {:.2f} | {:.2f} | {:.2f} |\n", name, what, ours, in_order, published);
  };
  const auto with_model = [&](auto&& measure) {
    DramTiming dram(p);
    return measure([&](std::int64_t at, std::uint64_t address, std::uint64_t bytes, bool write) {
      return dram.access(at * p.clock_ps, address, bytes, write) / p.clock_ps;
    });
  };
  const auto with_reference = [&](auto&& measure) {
    InOrderController controller(device, p.row_bytes);
    return measure([&](std::int64_t at, std::uint64_t address, std::uint64_t bytes, bool write) {
      return controller.access(at, address, bytes, write);
    });
  };
  const auto both = [&](const char* what, auto&& measure, double published) {
    row(what, with_model(measure), with_reference(measure), published);
  };
  const auto rule = [&](const std::string& wanted) {
    for (const JedecRule& each : device.rules) {
      if (each.name == wanted) return static_cast<double>(each.clocks);
    }
    return 0.0;
  };
  const double ns = p.clock_ps * 1e-3;
  const double rcd = std::max(rule("RCD"), rule("RCDRD")), rp = std::max(rule("RP"), rule("RPpb"));
  const double rfc = std::max(rule("RFC"), rule("RFCab"));
  const double ccd = std::max({rule("CCD read"), rule("CCD_S read"), static_cast<double>(device.burst)});
  const double peak = device.burst_bytes / (ccd * ns);
  both(
      "read, bank closed, ns", [&](const Serve& serve) { return static_cast<double>(serve(0, 0, 1, false)) * ns; },
      (rcd + device.read_data + device.burst) * ns);
  both(
      "read, another row open, ns", [&](const Serve& serve) { return conflict_latency(serve, p) * ns; },
      (rp + rcd + device.read_data + device.burst) * ns);
  both(
      "stream of reads, GB/s", [&](const Serve& serve) { return rate(serve, p, true); },
      peak * (1 - (rule("RTP") + rp + rfc + rcd) / device.refresh_interval));
  both(
      "random reads of a burst, GB/s", [&](const Serve& serve) { return rate(serve, p, false); },
      std::min({peak, 4 * device.burst_bytes / (rule("FAW") * ns),
                device.burst_bytes / (std::max(rule("RRD"), rule("RRD_S")) * ns)}));
}

}  // namespace
}  // namespace flexcim::oracle

int main(int argc, char** argv) {
  using namespace flexcim;
  const std::uint64_t commands = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  fmt::print(
      "| device | traffic | commands | ACT / RD, WR / PRE / REF | latest refresh, REFI | in another's clock | broken "
      "|\n| --- | --- | --- | --- | --- | --- | --- |\n");
  bool good = true;
  for (const char* name : kDramDevices) good = oracle::check(name, commands) && good;
  fmt::print("\n| device | figure | model | in order, by the rules | published |\n| --- | --- | --- | --- | --- |\n");
  for (const char* name : kDramDevices) oracle::figures(name);
  return good ? 0 : 1;
}
