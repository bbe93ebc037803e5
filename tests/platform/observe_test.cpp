// The keys of `observe`: who listens changes nothing, everything is recorded, and a violation ends the run.
#include "platform/program/simulation_error.h"
#include "platform/run/run.h"
#include "platform/run/transaction_file.h"
#include "platform/run/watchdog.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"
#include "tests/tlm/protocol_bench.h"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

namespace flexcim {
namespace {

Scenario scenario(const std::string& observe) {
  const TempFolder folder;
  return load_scenario(
      folder.write("s.yaml",
                   "{name: s, fidelity: tlm, workload: {kind: gemm, weights: w, activations: x}" + observe + "}"),
      {});
}

/// A shape that takes several tiles, token tiles and bursts of every length.
GemmJob job() {
  std::mt19937 random(5);
  return {test::random_linear(random, {2, 4}, 75, 530, 1), test::random_activations(random, 9, 530)};
}

void run_observed(const std::vector<Simulation*>& simulations) {
  run_to_end(simulations, {}, sc_core::sc_time(1, sc_core::SC_US), [](std::uint64_t) {});
}

/// One in which nothing happens.
class Idle : public Simulation {
 public:
  bool ended() const override { return false; }
  std::string waiting_for() const override { return "nothing"; }
  void check(Findings&) override {}
  void sample(std::uint64_t) override {}
  SimulationResult result() const override { return {}; }
};

}  // namespace

TEST_CASE("Observed or not, cycles, times, events and energy are the same at both fidelities") {
  const Scenario plain = scenario(""), observed = scenario(", observe: {transactions: csv, protocol_checker: on}");
  const GemmJob gemm = job();
  GemmSimulation tlm("tlm", plain, Fidelity::tlm, {&gemm}), rtl("rtl", plain, Fidelity::rtl, {&gemm});
  GemmSimulation tlm_on("tlm_on", observed, Fidelity::tlm, {&gemm}), rtl_on("rtl_on", observed, Fidelity::rtl, {&gemm});
  std::map<std::string, std::uint64_t> read, written;
  std::size_t bursts = 0;
  tlm_on.soc().observers().add_sink([&](const TransactionRecord& record) {
    CHECK(record.status == tlm::TLM_OK_RESPONSE);
    CHECK(record.begin <= record.accepted);
    CHECK(record.accepted <= record.responded);
    CHECK(record.responded <= record.end);
    if (record.kind != TransactionRecord::Kind::non_blocking) return;
    (record.command == tlm::TLM_READ_COMMAND ? read : written)[record.connection] += record.bytes;
    ++bursts;
  });
  run_observed({&tlm, &rtl, &tlm_on, &rtl_on});

  const SimulationResult expected = tlm.result();
  CHECK(expected.match());
  for (const GemmSimulation* each : {&rtl, &tlm_on, &rtl_on}) {
    const SimulationResult result = each->result();
    CHECK(result.match());
    CHECK(result.time_ps == expected.time_ps);
    CHECK(result.cycles == expected.cycles);
    CHECK(result.layers[0].start_ps == expected.layers[0].start_ps);
    CHECK(result.layers[0].stall_cycles == expected.layers[0].stall_cycles);
    CHECK(result.layers[0].activity.macro == expected.layers[0].activity.macro);
    CHECK(result.energy.total_pj() == expected.energy.total_pj());
  }
  const AcceleratorEvents& events = tlm_on.soc().accelerator().events();
  for (const char* connection : {"tlm_on.accelerator_port", "tlm_on.dram_port"}) {
    INFO(connection);
    CHECK(read[connection] == events.dma_reads);
    CHECK(written[connection] == events.dma_writes);
  }
  CHECK(read.size() == 2);
  CHECK(tlm_on.soc().observers().checked() >= bursts);
  CHECK(rtl_on.soc().observers().checked() == tlm_on.soc().observers().checked());
  CHECK(tlm.soc().observers().checked() == 0);
}

TEST_CASE("A violation of the base protocol ends the run with its sentence") {
  Idle idle;
  ProtocolBench bench("bench");
  ProtocolBench::Payload payload(bench);
  sc_core::sc_spawn([&] { bench.forward(payload, tlm::END_RESP); });
  try {
    run_observed({&idle});
    FAIL("nothing was reported");
  } catch (const SimulationError& error) {
    CHECK(
        std::string(error.what()) ==
        "protocol violation: bench.checker at 0 s: address 0x0: END_RESP without BEGIN_RESP (IEEE 1666-2011, 15.2.4)");
  }
}

TEST_CASE("Transactions are written as they end, a line each") {
  const TempFolder folder;
  const auto path = folder.path() / "transactions.csv";
  TransactionFile file(path);
  TransactionRecord record;
  record.connection = "soc.dram_port";
  record.command = tlm::TLM_READ_COMMAND;
  record.address = 0x40;
  record.bytes = 64;
  record.end = record.responded = sc_core::sc_time(3, sc_core::SC_NS);
  record.status = tlm::TLM_OK_RESPONSE;
  constexpr int kMany = 5000;  // more than are kept in memory
  for (int i = 0; i < kMany; ++i) file.add(record);
  CHECK_FALSE(std::filesystem::exists(path));
  file.finish();
  std::istringstream text(folder.read("transactions.csv"));
  std::string line;
  std::getline(text, line);
  CHECK(line == "connection,kind,command,address,bytes,begin_ps,accepted_ps,responded_ps,end_ps,status");
  int lines = 0;
  while (std::getline(text, line)) {
    CHECK(line == "soc.dram_port,blocking,read,0x40,64,0,0,3000,3000,TLM_OK_RESPONSE");
    ++lines;
  }
  CHECK(lines == kMany);
}

}  // namespace flexcim
