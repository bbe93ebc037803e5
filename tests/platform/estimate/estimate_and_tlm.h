// A program on a SoC of arithmetic alone against the same on a simulated one, at tlm.
#pragma once

#include "platform/run/native_simulation.h"
#include "platform/run/watchdog.h"
#include "tests/platform/estimate/random_gemm.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace flexcim::test {

constexpr double kWindowNs = 700;

/// A random accelerator for `scenario`, with the DRAM that it has, whose energies are known. Returns a gemm for it.
inline RandomGemm random_accelerator(std::mt19937& random, Scenario& scenario) {
  RandomGemm gemm = random_gemm(random);
  const DramConfig dram = scenario.architecture.dram;
  scenario.architecture = gemm.architecture;
  scenario.architecture.dram = dram;
  scenario.sequencing = gemm.sequencing;
  return gemm;
}

/// All in one simulation, to the end. Their scenarios have power windows of kWindowNs.
inline void run(const std::vector<std::unique_ptr<NativeSimulation>>& simulations) {
  std::vector<Simulation*> all;
  for (const auto& simulation : simulations) all.push_back(simulation.get());
  run_to_end(all, {}, sc_core::sc_time(kWindowNs, sc_core::SC_NS), [&](std::uint64_t window) {
    for (const auto& simulation : simulations) simulation->sample(window);
  });
}

inline std::string text_of(const PowerRows& rows) {
  std::string text;
  rows([&](const PowerWindow& window) {
    text += fmt::format("{}..{}: {}\n", window.start_ns, window.end_ns, fmt::join(window.energy, " "));
  });
  return text;
}

inline std::string text_of(const ActivityRows& rows) {
  std::string text;
  rows([&](const ActivityWindow& window) {
    text += fmt::format("{}..{}: {} {} {} {}\n", window.start_ns, window.end_ns, window.macs_executed,
                        window.dram_read_bytes, window.dram_write_bytes, fmt::join(window.buffer_bytes, " "));
  });
  return text;
}

/// In all figures, to the picosecond and the femtojoule.
inline void check_equal(const SimulationResult& estimate, const SimulationResult& tlm) {
  REQUIRE(estimate.layers.size() == tlm.layers.size());
  for (std::size_t i = 0; i < tlm.layers.size(); ++i) {
    const LayerResult &a = estimate.layers[i], &b = tlm.layers[i];
    INFO(b.name << ", " << to_string(b.pattern) << " " << b.tokens << "x" << b.out << "x" << b.in);
    CHECK(a.name == b.name);
    CHECK(a.tokens == b.tokens);
    CHECK(a.start_ps == b.start_ps);
    CHECK(a.cycles == b.cycles);
    CHECK(a.stall_cycles == b.stall_cycles);
    CHECK(a.tiles == b.tiles);
    CHECK(a.phases == b.phases);
    CHECK(a.phases_from == b.phases_from);
    CHECK(a.dram_bytes == b.dram_bytes);
    CHECK(a.activity.macro == b.activity.macro);
    CHECK(a.energy.by_component() == b.energy.by_component());
    CHECK(a.output.size() == 0);
  }
  CHECK(estimate.cycles == tlm.cycles);
  CHECK(estimate.time_ps == tlm.time_ps);
  CHECK(estimate.between.by_component() == tlm.between.by_component());
  CHECK(text_of(estimate.power) == text_of(tlm.power));
  CHECK(text_of(estimate.activity) == text_of(tlm.activity));
}

}  // namespace flexcim::test
