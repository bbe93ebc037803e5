// Faults on the SoC: the same bits, counts and errors at tlm and at rtl; what they do to sums is what arithmetic says.
#include "flow/base/error.h"
#include "flow/model/golden.h"
#include "tests/flow/random_linear.h"
#include "tests/platform/default_architecture.h"
#include "tests/platform/native_simulations.h"
#include "tests/platform/temp_folder.h"

#include <systemc>

#include <catch2/catch.hpp>
#include <memory>

using namespace flexcim;
using Catch::Matchers::Contains;

namespace {

GemmJob random_job(std::mt19937& random, Pattern pattern, int tokens, int out, int in, int window = 0,
                   int weight_bits = 8) {
  return {test::random_linear(random, pattern, out, in, window, weight_bits),
          test::random_activations(random, tokens, in)};
}

Scenario load(const std::string& keys, const std::vector<Override>& overrides = {}) {
  const TempFolder folder;
  const auto file = folder.write("small.yaml",
                                 "{name: small, fidelity: tlm, workload: {kind: gemm, weights: w, activations: x, "
                                 "pattern: dense}" +
                                     keys + "}");
  return load_scenario(file, overrides);
}

/// A run at both fidelities.
struct Pair {
  Pair(const std::string& name, const Scenario& with, const std::vector<GemmJob>& jobs) : scenario(with) {
    for (const GemmJob& job : jobs) all.push_back(&job);
    tlm = std::make_unique<GemmSimulation>(name + "_tlm", scenario, Fidelity::tlm, all);
    rtl = std::make_unique<GemmSimulation>(name + "_rtl", scenario, Fidelity::rtl, all);
  }

  Scenario scenario;
  std::vector<const GemmJob*> all;
  std::unique_ptr<GemmSimulation> tlm, rtl;
};

void require_equal(const SimulationResult& a, const SimulationResult& b) {
  REQUIRE(a.layers.size() == b.layers.size());
  for (std::size_t i = 0; i < a.layers.size(); ++i) {
    INFO("layer " << i << " " << to_string(a.layers[i].pattern));
    CHECK(a.layers[i].output == b.layers[i].output);
    CHECK(a.layers[i].cycles == b.layers[i].cycles);
    CHECK(a.layers[i].mismatch == b.layers[i].mismatch);
    CHECK(a.layers[i].faults->refused == b.layers[i].faults->refused);
  }
  for (std::size_t site = 0; site < kFaultSites; ++site) {
    INFO(to_string(static_cast<FaultSite>(site)));
    for (const auto& count : StatisticList<FaultCounts>::list) {
      INFO(count.name);
      CHECK(count.of(a.faults->counts[site]) == count.of(b.faults->counts[site]));
    }
  }
  CHECK(a.faults->reported == b.faults->reported);
  CHECK(a.time_ps == b.time_ps);
}

std::string inject(const std::string& entries, const std::string& architecture = "{}") {
  return ", faults: {seed: 3, inject: [" + entries + "]}, architecture: " + architecture;
}

std::uint64_t bits_of(const SimulationResult& result, FaultSite site) {
  return result.faults->counts[static_cast<std::size_t>(site)].bits;
}

}  // namespace

TEST_CASE("faults: every site by itself is the same at tlm and at rtl and leaves no layer as it was") {
  std::mt19937 random(5);
  std::vector<GemmJob> jobs;
  for (const Pattern pattern : {Pattern{}, Pattern{1, 2}, Pattern{2, 4}, Pattern{4, 8}}) {
    jobs.push_back(random_job(random, pattern, 3, 37, 301));
  }
  const std::vector<std::pair<std::string, FaultSite>> sites{{"*.cells.weight", FaultSite::weights},
                                                             {"*.cells.metadata", FaultSite::metadata},
                                                             {"*.sequencer.selects", FaultSite::selects},
                                                             {"*.sequencer.masks", FaultSite::masks},
                                                             {"soc.macros.activations", FaultSite::activations},
                                                             {"*.psum_final", FaultSite::psums},
                                                             {"soc.buffers.activation", FaultSite::activation_buffer},
                                                             {"soc.buffers.output", FaultSite::output_buffer},
                                                             {"soc.dram.activations", FaultSite::dram_activations}};
  std::vector<std::unique_ptr<Pair>> pairs;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (const std::string kind : {"transient", "stuck_at_1"}) {
      const std::string entry = "{target: '" + sites[i].first + "', rate: 0.01, kind: " + kind + "}";
      pairs.push_back(std::make_unique<Pair>("s" + std::to_string(pairs.size()), load(inject(entry)), jobs));
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    INFO(sites[i / 2].first << (i % 2 == 0 ? " transient" : " stuck_at_1"));
    const SimulationResult tlm = pairs[i]->tlm->result();
    require_equal(tlm, pairs[i]->rtl->result());
    CHECK(bits_of(tlm, sites[i / 2].second) > 0);
    CHECK_FALSE(tlm.layers.back().match);
    CHECK(tlm.layers.back().faults->error.wrong > 0);
    CHECK(tlm.faults->reported.empty());
  }
}

TEST_CASE("faults: all at once on an array of macros in every sequencing and merge with codes and shadow cells") {
  std::mt19937 random(6);
  std::vector<GemmJob> jobs;
  for (const Pattern pattern : {Pattern{}, Pattern{2, 4}, Pattern{1, 8}}) {
    jobs.push_back(random_job(random, pattern, 5, 150, 500));
  }
  const std::string all =
      "{target: 'soc.macros.*', rate: 0.002}, {target: '*.cells.*', rate: 0.001, kind: stuck_at_0}, "
      "{target: 'soc.buffers.output', rate: 0.0002}, {target: 'soc.buffers.activation', rate: 0.0001}, "
      "{target: 'soc.dram.activations', rate: 0.0001}, {target: 'soc.dram.weights', rate: 0.00002}";
  std::vector<std::unique_ptr<Pair>> pairs;
  const auto add = [&](const std::string& architecture, Sequencing sequencing, const std::vector<GemmJob>& with) {
    Scenario scenario = load(inject(all, architecture));
    scenario.sequencing = sequencing;
    pairs.push_back(std::make_unique<Pair>("a" + std::to_string(pairs.size()), scenario, with));
  };
  const std::string codes =
      "dram: {protection: secded}, buffers: {activation: {protection: secded}, weight: {protection: secded}, output: "
      "{protection: secded}}";
  add("{macros: {outputs: 2, inputs: 2}, " + codes + "}", Sequencing::grouped, jobs);
  add("{merge: concat, weight_update: shadow, " + codes + "}", Sequencing::grouped, jobs);
  add("{" + codes + "}", Sequencing::scan, jobs);
  add("{macros: {outputs: 2, inputs: 1}, weights_resident: true}", Sequencing::dense_slot, jobs);
  add("{window: 2, merge: concat, " + codes + "}", Sequencing::grouped, jobs);
  std::vector<GemmJob> int4;
  for (const Pattern pattern : {Pattern{}, Pattern{2, 4}})
    int4.push_back(random_job(random, pattern, 4, 40, 300, 0, 4));
  add("{int4_per_cell: 2, " + codes + "}", Sequencing::grouped, int4);
  sc_core::sc_start();
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    INFO("architecture " << i);
    const SimulationResult tlm = pairs[i]->tlm->result();
    require_equal(tlm, pairs[i]->rtl->result());
    CHECK(bits_of(tlm, FaultSite::weights) > 0);
    CHECK(tlm.faults->counts[static_cast<std::size_t>(FaultSite::output_buffer)].bits > 0);
  }
}

TEST_CASE("faults: the seed decides and a rate of 1 in one bit is arithmetic") {
  std::mt19937 random(7);
  const std::vector<GemmJob> dense{random_job(random, Pattern{}, 3, 37, 301)};
  const std::vector<GemmJob> half{random_job(random, Pattern{1, 2}, 3, 37, 301)};
  Scenario seeded = load(inject("{target: '*.cells.weight', rate: 0.01}"));
  const Pair same("same", seeded, dense), again("again", seeded, dense);
  seeded.faults->seed = 4;
  const Pair other("other", seeded, dense);
  const Pair sign("sign", load(inject("{target: '*.cells.weight', rate: 1, bits: [7]}")), dense);
  const Pair lines("lines", load(inject("{target: '*.cells.metadata', rate: 1, bits: [0]}")), half);
  const Pair one_sub("sub",
                     load(inject("{target: '*.sub_2.cells.weight', rate: 1, bits: [0], kind: stuck_at_0}, "
                                 "{target: '*.sub_2.cells.weight', rate: 1, kind: stuck_at_0}")),
                     dense);
  sc_core::sc_start();
  CHECK(same.tlm->result().layers[0].output == again.rtl->result().layers[0].output);
  CHECK_FALSE(same.tlm->result().layers[0].output == other.tlm->result().layers[0].output);

  const Matrix<std::int8_t> weights = unpack(dense[0].weights);
  Matrix<std::int8_t> changed = weights;
  for (std::size_t i = 0; i < changed.size(); ++i) {
    changed.data()[i] = static_cast<std::int8_t>(changed.data()[i] ^ 0x80);
  }
  const SimulationResult by_sign = sign.tlm->result();
  CHECK(by_sign.layers[0].output == golden_gemm(changed, dense[0].activations));
  CHECK(sign.rtl->result().layers[0].output == by_sign.layers[0].output);
  CHECK(by_sign.layers[0].faults->error.outputs == 3 * 37);

  // The other input of each pair.
  const Matrix<std::int8_t> kept = unpack(half[0].weights);
  Matrix<std::int8_t> swapped(37, 301);
  for (std::size_t o = 0; o < 37; ++o) {
    for (std::size_t i = 0; i < 301; ++i) {
      if ((i ^ 1) < 301) swapped(o, i ^ 1) = kept(o, i);
    }
  }
  const SimulationResult by_lines = lines.tlm->result();
  CHECK(by_lines.layers[0].output == golden_gemm(swapped, half[0].activations));
  CHECK(lines.rtl->result().layers[0].output == by_lines.layers[0].output);

  // Without the weights of one sub-macro of four: rows of 4 inputs, one each.
  Matrix<std::int8_t> without = weights;
  for (std::size_t o = 0; o < 37; ++o) {
    for (std::size_t i = 2; i < 301; i += 4) without(o, i) = 0;
  }
  CHECK(one_sub.tlm->result().layers[0].output == golden_gemm(without, dense[0].activations));
  CHECK(one_sub.rtl->result().layers[0].output == one_sub.tlm->result().layers[0].output);
}

TEST_CASE("faults: without a rate that hits anything all is as without faults") {
  std::mt19937 random(8);
  const std::vector<GemmJob> jobs{random_job(random, Pattern{2, 4}, 3, 37, 301)};
  const Pair none("none", load(""), jobs);
  const Pair never("never", load(inject("{target: '*', rate: 1e-300}")), jobs);
  sc_core::sc_start();
  const SimulationResult plain = none.tlm->result(), faulty = never.tlm->result();
  CHECK(plain.match());
  CHECK(faulty.match());
  CHECK_FALSE(plain.faults);
  CHECK(plain.time_ps == faulty.time_ps);
  CHECK(never.rtl->result().time_ps == faulty.time_ps);
  CHECK(faulty.layers[0].faults->error.wrong == 0);
}

TEST_CASE(
    "faults in memory: SECDED takes single wrong bits away and parity tells the driver of them and none lets them "
    "pass") {
  std::mt19937 random(9);
  const std::vector<GemmJob> jobs{random_job(random, Pattern{2, 4}, 4, 64, 300),
                                  random_job(random, Pattern{}, 4, 64, 300),
                                  random_job(random, Pattern{1, 2}, 2, 40, 200)};
  const std::string entries =
      "{target: 'soc.dram.weights', rate: 2e-5}, {target: 'soc.dram.activations', rate: 1e-4}, "
      "{target: 'soc.buffers.*', rate: 2e-5}";
  const auto protect = [](const std::string& code) {
    return "{dram: {protection: " + code + "}, buffers: {activation: {protection: " + code +
           "}, weight: {protection: " + code + "}, output: {protection: " + code + "}}}";
  };
  const Pair none("none", load(inject(entries)), jobs);
  const Pair parity("parity", load(inject(entries, protect("parity"))), jobs);
  const Pair secded("secded", load(inject(entries, protect("secded"))), jobs);
  const Pair plain("plain", load(", architecture: " + protect("secded")), jobs);
  sc_core::sc_start();
  for (const Pair* pair : {&none, &parity, &secded}) {
    INFO(to_string(pair->scenario.architecture.dram.protection));
    require_equal(pair->tlm->result(), pair->rtl->result());
  }
  const SimulationResult bare = none.tlm->result(), checked = parity.tlm->result(), corrected = secded.tlm->result();
  FaultCounts all;
  for (const FaultCounts& counts : corrected.faults->counts) all += counts;
  CHECK(all.corrected > 5);
  CHECK(all.silent == 0);
  CHECK(corrected.match());
  CHECK(corrected.time_ps == plain.tlm->result().time_ps);
  CHECK(corrected.time_ps > bare.time_ps);  // the decoders
  CHECK_FALSE(bare.match());
  CHECK(checked.faults->reported.at(ErrorCode::data_error) > 0);
  CHECK(checked.layers[0].faults->refused.at(ErrorCode::data_error) == 1);
  CHECK(checked.layers[0].output(0, 0) == 0);
}

TEST_CASE("faults in commands and directories: the accelerator reports what it can see and the run goes on") {
  std::mt19937 random(10);
  std::vector<GemmJob> jobs;
  for (int i = 0; i < 12; ++i) jobs.push_back(random_job(random, Pattern{2, 4}, 2, 40, 200));
  const Pair directories("directories", load(inject("{target: 'soc.dram.directories', rate: 0.005}")), jobs);
  const Pair weights("weights", load(inject("{target: 'soc.dram.weights', rate: 0.001}")), jobs);
  sc_core::sc_start();
  for (const Pair* pair : {&directories, &weights}) require_equal(pair->tlm->result(), pair->rtl->result());
  const SimulationResult bad = directories.tlm->result();
  CHECK(bad.faults->reported.count(ErrorCode::image_bounds) + bad.faults->reported.count(ErrorCode::image_size) > 0);
  CHECK(bad.layers.size() == jobs.size());
  CHECK(weights.tlm->result().faults->reported.count(ErrorCode::image_weight) > 0);
}

TEST_CASE("faults: a scenario that cannot mean anything is refused by name") {
  CHECK_THROWS_WITH(load(inject("{target: 'soc.cells.*', rate: 0.1}")),
                    Contains("faults.inject.0.target") && Contains("names nothing of this architecture"));
  CHECK_THROWS_WITH(load(inject("{target: '*.cells.weight', rate: 0.1, bits: [3, 8]}")),
                    Contains("faults.inject.0.bits.1") && Contains("words of the target have 8 bits"));
  CHECK_THROWS_WITH(load(inject("{target: '*.psum_final', rate: 0.1, bits: [22]}")), Contains("have 22 bits"));
  CHECK_THROWS_WITH(load(inject("")), Contains("nothing is to go wrong"));
  CHECK_THROWS_WITH(load(inject("{target: '*', rate: 1.5}")), Contains("faults.inject.0.rate"));
  CHECK_THROWS_WITH(load(inject("{target: '*', rate: 0.1}"), {{"fidelity", "estimate"}}),
                    Contains("faults: an estimate has no bits that could go wrong"));
}
