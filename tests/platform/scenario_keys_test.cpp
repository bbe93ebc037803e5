// Every key of a scenario acts: with another value than the default some result is another. The keys are those that
// `flexcim keys` prints; one that has no entry here fails the test.
#include "flow/model/operator_class.h"
#include "tests/platform/key_acts.h"

#include <cstdlib>
#include <fmt/format.h>

using namespace flexcim;

namespace {

std::vector<Acts> operator+(std::vector<Acts> table, const std::vector<Acts>& more) {
  table.insert(table.end(), more.begin(), more.end());
  return table;
}

/// An axis of clocks, and what its keys do at `path` where `with` sets it.
const std::string kRange = "{axis: a, key: architecture.clock_mhz, range: {from: 100, to: 300, step: 100}}";
const std::string kFactor = "{axis: a, key: architecture.clock_mhz, log_range: {from: 100, to: 400, factor: 2}}";
const std::string kPoints = "{axis: a, key: architecture.clock_mhz, log_range: {from: 100, to: 400, points: 3}}";
template <class With>
std::vector<Acts> range_keys(const std::string& path, const std::string& where, const std::string& scenario,
                             const With& with) {
  return {{path + "range.from", "200", where, scenario, {with(kRange)}},
          {path + "range.to", "200", where, scenario, {with(kRange)}},
          {path + "range.step", "50", where, scenario, {with(kRange)}},
          {path + "log_range.from", "200", where, scenario, {with(kFactor)}},
          {path + "log_range.to", "200", where, scenario, {with(kFactor)}},
          {path + "log_range.factor", "4", where, scenario, {with(kFactor)}},
          {path + "log_range.points", "2", where, scenario, {with(kPoints)}}};
}

/// A run is of a sweep's base point and keeps the sweep; what its keys do is in tests/platform/sweep/.
std::vector<Acts> sweep_keys() {
  const auto sweep = [](const std::string& axis, const std::string& rest = "") {
    return "sweep={axes: [" + axis + "], objectives: [{minimize: time_ns}]" + rest + "}";
  };
  const std::string list = "{axis: a, key: architecture.clock_mhz, values: [100, 200]}";
  const std::string zip = "{zip: [" + list + ", {axis: b, key: power_window_ns, values: [4, 16]}]}";
  const std::string search = sweep(kRange, ", sample: {kind: search, points: 2, population: 4}");
  const std::string random = sweep(kRange, ", sample: {kind: random, points: 2}");
  std::vector<Acts> table;
  const auto at = [&](const std::string& key, const std::string& value, const std::string& also) {
    table.push_back({"sweep." + key, value, "scenario.yaml", "gemm", {also}});
  };
  at("axes.N.axis", "other", sweep(list));
  at("axes.N.key", "power_window_ns", sweep(list));
  at("axes.N.values", "[4, 16]", sweep(list));
  at("axes.N.zip", "[" + list + ", {axis: b, key: power_window_ns, values: [8, 16]}]", sweep(zip));
  at("sample", "{kind: random, points: 2}", sweep(list));
  at("sample.kind", "sobol", random);
  at("sample.points", "3", random);
  at("sample.seed", "3", random);
  at("sample.population", "8", search);
  at("constraints", "['architecture.clock_mhz > 100']", sweep(list));
  at("objectives", "[{maximize: utilization}]", sweep(list));
  return table + range_keys("sweep.axes.N.", "scenario.yaml", "gemm", sweep);
}

std::vector<Acts> compare_keys() {
  const auto compare = [](const std::string& axis) { return "compare=[" + axis + "]"; };
  return std::vector<Acts>{{"compare.N.axis", "other", "comparison.csv", "compared"},
                           {"compare.N.key", "power_window_ns", "comparison.csv", "compared"},
                           {"compare.N.values", "[4, 16]", "comparison.csv", "compared"},
                           {"compare.N.reference", "'8'", "comparison.csv", "compared"}} +
         range_keys("compare.N.", "comparison.csv", "compared", compare);
}

}  // namespace

TEST_CASE("Every key of a scenario acts") {
  const std::vector<std::string> rtl{"fidelity=rtl"};
  const std::vector<std::string> faulty{"faults={inject: [{target: '*.cells.weight', rate: 0.01}]}"};
  const bool has_vcd2fst = std::system("command -v vcd2fst > /dev/null") == 0;
  std::vector<Acts> table{
      {"extends", "block.yaml", "exit code", "gemm"},  // in files: tests/platform/extends_test.cpp
      {"host", "native", "exit code", "firmware"},
      {"host.kind", "native", "exit code", "firmware"},
      {"host.elf", "other_firmware.elf", "/firmware/instructions", "firmware"},
      {"host.arguments", "[one, more]", "/firmware/instructions", "firmware"},
      {"host.uart", "pty", "first line", "firmware"},
      {"host.clock_mhz", "100", "/time_ns", "firmware"},
      {"name", "other", "/scenario", "gemm"},
      {"description", "other", "scenario.yaml", "gemm"},  // free text
      {"fidelity", "rtl", "layers.csv", "gemm"},
      {"workload", "{kind: gemm, weights: other_weights.safetensors, activations: activations.safetensors}",
       "outputs.safetensors", "gemm"},
      {"architecture", "flexcim_window2", "/energy_pj", "gemm"},
      {"technology", "7nm", "/energy_pj", "gemm"},
      {"sequencing", "scan", "/cycles", "gemm"},
      // What they do: tests/verilog/rtl_in_the_loop_test.py.
      {"verilog.sources", "[mine.sv]", "scenario.yaml", "gemm"},
      {"verilog.top", "mine", "scenario.yaml", "gemm"},
      {"verilog.parameters", "{DEPTH: 4}", "scenario.yaml", "gemm"},
      {"also.N.fidelity", "rtl", "layers.csv", "gemm", {"also=[{fidelity: tlm}]"}},
      {"also.N.linears", "[q_proj]", "layers.csv", "block", {"also=[{fidelity: tlm}]"}},
      {"trace.waveform", "false", "wave.vcd", "gemm", rtl},
      {"trace.from", "3000", "wave.vcd", "gemm", rtl},
      {"trace.to", "2000", "wave.vcd", "gemm", rtl},
      {"trace.signals", "['macro.pass_*']", "wave.vcd", "gemm", rtl},
      {"trace.fst", "true", has_vcd2fst ? "wave.fst" : "exit code", "gemm", rtl},
      {"trace.soc", "true", "wave.vcd", "gemm"},
      {"toggles", "true", "/toggles", "gemm", rtl},
      {"observe.transactions", "csv", "transactions.csv", "gemm"},
      {"observe.protocol_checker", "on", "/protocol_checker", "gemm"},
      {"observe.registers", "true", "registers.log", "gemm"},
      {"observe.profile", "true", "profile.txt", "firmware"},
      {"observe.interrupts", "true", "/interrupts", "firmware"},
      {"observe.timeline", "true", "timeline.json", "gemm"},
      {"observe.timeline_from", "3000", "timeline.json", "gemm", {"observe.timeline=true"}},
      {"observe.timeline_to", "2000", "timeline.json", "gemm", {"observe.timeline=true"}},
      {"faults.seed", "2", "outputs.safetensors", "gemm", faulty},
      {"faults.inject.N.target", "'*.psum_final'", "/faults", "gemm", faulty},
      {"faults.inject.N.kind", "stuck_at_1", "outputs.safetensors", "gemm", faulty},
      {"faults.inject.N.rate", "0.1", "outputs.safetensors", "gemm", faulty},
      {"faults.inject.N.bits", "[7]", "outputs.safetensors", "gemm", faulty},
      {"power_window_ns", "100", "power.csv", "gemm"},
      {"limits.simulated_ms", "0.001", "exit code", "gemm"},
      {"limits.wall_s", "0.001", "exit code", "llama", {"workload.tokens=40"}},
      // Results are the same: tests/platform/fast_path_test.cpp.
      {"simulation.fast_path", "off", "scenario.yaml", "gemm"}};
  for (const char* const instruction : {"alu", "mul", "mulh", "div", "load", "store", "atomic", "branch",
                                        "branch_taken", "jump", "csr", "mret", "trap"}) {
    table.push_back({fmt::format("host.cycles.{}", instruction), "400", "/time_ns", "firmware"});
  }
  check_table("scenario", "", table + compare_keys() + sweep_keys());
}

TEST_CASE("Every key of the workload firmware acts") {
  check_table("firmware", "workload.", {{"kind", "gemm", "exit code", "firmware"}});
}

TEST_CASE("Every key of the workload shapes acts") {
  const std::vector<std::string> encode{"workload.steps.0.requests.0.context=0"};
  const std::vector<std::string> verify{
      "workload.steps.0={requests: [{phase: verify, tokens: 3, acceptance: 0.5}], draft: {}}"};
  const std::vector<std::string> verify_int4{verify[0], "architecture.int4_per_cell=2"};
  std::vector<Acts> table{{"kind", "gemm", "exit code", "shapes"},
                          {"model", "./mamba.json", "layers.csv", "shapes"},
                          {"tokens", "9", "/cycles", "shapes"},
                          {"patterns.sparsity", "0.75", "/cycles", "shapes"},
                          {"patterns.candidates", "['8:8', '2:4']", "layers.csv", "shapes"},
                          {"patterns.uniform", "'2:8'", "/cycles", "shapes"},
                          {"patterns.keep_dense", "none", "/cycles", "shapes"},
                          {"patterns.policy", "element", "/cycles", "shapes"},
                          {"weight_bits", "4", "/cycles", "shapes", {"architecture.int4_per_cell=2"}},
                          {"outputs", "int8", "/cycles", "shapes"},
                          {"lm_head", "true", "/cycles", "shapes"},
                          {"steps.N.name", "other", "layers.csv", "steps"},
                          {"steps.N.requests.N.phase", "encode", "/time_ns", "steps", encode},
                          {"steps.N.requests.N.tokens", "9", "/cycles", "steps"},
                          {"steps.N.requests.N.context", "9", "/time_ns", "steps"},
                          {"steps.N.requests.N.count", "2", "/cycles", "steps"},
                          {"steps.N.requests.N.acceptance", "0.9", "/steps/tokens_out", "steps", verify},
                          {"steps.N.model", "./mamba.json", "layers.csv", "steps"},
                          {"steps.N.skip", "0.5", "/cycles", "steps"},
                          {"steps.N.ffn", "0.5", "/cycles", "steps"},
                          {"steps.N.weight_bits", "4", "/cycles", "steps", {"architecture.int4_per_cell=2"}},
                          {"steps.N.draft.model", "./mamba.json", "layers.csv", "steps", verify},
                          {"steps.N.draft.skip", "0.5", "/cycles", "steps", verify},
                          {"steps.N.draft.ffn", "0.5", "/cycles", "steps", verify},
                          {"steps.N.draft.weight_bits", "4", "/cycles", "steps", verify_int4},
                          {"steps.N.repeat", "2", "/cycles", "steps"},
                          {"steps.N.batches", "2", "/cycles", "steps"},
                          {"host_costs.clock_mhz", "333", "/time_ns", "steps"},
                          {"host_memory.cache", "int8", "/energy_pj", "steps"},
                          {"host_memory.embedding", "int8", "/energy_pj", "steps"},
                          {"host_memory.head", "int8", "/energy_pj", "steps"},
                          {"host_memory.queries", "2", "/energy_pj", "steps"}};
  for (const OperatorClassInfo& operators : operator_classes()) {
    const bool of_mamba = operators.name == "convolution" || operators.name == "scan";
    table.push_back({fmt::format("host_costs.{}", operators.name), "30", "/time_ns", "steps",
                     of_mamba ? std::vector<std::string>{"workload.model=./mamba.json"} : std::vector<std::string>{}});
  }
  check_table("shapes", "workload.", table);
}

TEST_CASE("Every key of the workload gemm acts") {
  check_table("gemm", "workload.",
              {{"kind", "block", "exit code", "gemm"},
               {"weights", "other_weights.safetensors", "outputs.safetensors", "gemm"},
               {"activations", "other_activations.safetensors", "outputs.safetensors", "gemm"},
               {"pattern", "4:8", "/cycles", "gemm"},
               {"weight_bits", "4", "exit code", "gemm", {"architecture.int4_per_cell=2"}}});  // its weights do not fit
}

namespace {

/// How a model directory is pruned.
std::vector<Acts> flow_keys(const std::string& scenario, const std::string& where) {
  const std::vector<std::string> all{"workload.flow.keep_dense=none"};
  const std::vector<std::string> published{"workload.flow.keep_dense=none", "workload.flow.objective=published"};
  const std::vector<std::string> by_error{"workload.flow.keep_dense=none", "workload.flow.objective=error"};
  return {{"flow.calibration", "other_calibration.txt", where, scenario, all},
          {"flow.samples", "1", where, scenario, all},
          {"flow.sparsity", "0.7", where, scenario, all},
          {"flow.candidates", "['1:4', '4:4']", where, scenario, all},
          {"flow.objective", "published", where, scenario, all},
          {"flow.granularity", "block", where, scenario, by_error},
          {"flow.update", "none", where, scenario, all},
          {"flow.alpha", "0", where, scenario, published},
          {"flow.beta", "0", where, scenario, published},
          {"flow.outlier_multiple", "1.5", where, scenario, published},
          {"flow.keep_dense", "none", where, scenario},
          {"flow.policy", "element", where, scenario, all},
          {"flow.weight_bits", "4", where, scenario, {"architecture.int4_per_cell=2"}},
          {"flow.cache", "kept", "scenario.yaml", scenario}};
}

}  // namespace

TEST_CASE("Every key of the workload block acts") {
  check_table("block", "workload.",
              flow_keys("block", "outputs.safetensors") +
                  std::vector<Acts>{{"kind", "gemm", "exit code", "block"},
                                    {"model", "other_llama", "outputs.safetensors", "block"},
                                    {"block", "2", "outputs.safetensors", "block"},
                                    {"linears", "[q_proj]", "layers.csv", "block"},
                                    {"tokens.text", "other_text.txt", "outputs.safetensors", "block"},
                                    {"tokens.first", "1", "outputs.safetensors", "block"},
                                    {"tokens.count", "5", "layers.csv", "block"}});
}

TEST_CASE("Every key of the workload generate acts") {
  std::vector<Acts> table = flow_keys("llama", "text.txt");
  for (const std::string operators : {"embedding", "norm", "rope", "attention", "softmax", "activation", "elementwise",
                                      "head", "quantize", "dequantize"}) {
    table.push_back({"host_costs." + operators, "20", "/time_ns", "llama"});
  }
  for (const std::string operators : {"convolution", "scan"}) {
    table.push_back({"host_costs." + operators, "20", "/time_ns", "mamba"});
  }
  check_table("generate", "workload.",
              table + std::vector<Acts>{{"kind", "gemm", "exit code", "llama"},
                                        {"model", "other_llama", "text.txt", "llama"},
                                        {"prompt", "other", "text.txt", "llama"},
                                        {"prompt.text", "other_text.txt", "text.txt", "llama"},
                                        {"prompt.first", "1", "text.txt", "llama"},
                                        {"prompt.count", "4", "text.txt", "llama"},
                                        {"tokens", "4", "text.txt", "llama"},
                                        {"stop_at_eos", "false", "/generation/tokens", "ending"},
                                        {"host_costs.clock_mhz", "333", "/time_ns", "llama"},
                                        {"head", "accelerator", "layers.csv", "llama"},
                                        {"attention", "accelerator", "layers.csv", "llama"},
                                        {"driver", "queued", "/time_ns", "llama"},
                                        {"host_memory.cache", "int8", "/energy_pj", "llama"},
                                        {"host_memory.embedding", "int8", "/energy_pj", "llama"},
                                        {"host_memory.head", "int8", "/energy_pj", "llama"},
                                        {"host_memory.queries", "3", "/energy_pj", "llama"}});
}

TEST_CASE("Every key of an architecture acts") {
  std::vector<Acts> table;
  const auto at = [&](const std::string& key, const std::string& value, const std::string& where = "/cycles",
                      const std::vector<std::string>& also = {}) {
    table.push_back({key, value, where, "gemm", also});
  };
  const std::vector<std::string> resident{"architecture.weights_resident=true"};
  at("base", "flexcim_window2", "/energy_pj");
  at("name", "other", "/architecture");
  at("description", "other", "scenario.yaml");  // free text
  at("sub_macros", "8");
  at("rows", "16");
  at("cols", "16");
  at("pairs_per_set", "8", "/area_mm2/total");
  at("window", "2", "/energy_pj");
  at("patterns", "[dense, \"2:4\"]", "/area_mm2/total");
  at("storage", "registers", "/area_mm2/total");
  at("psum_depth", "4", "/area_mm2/total");
  at("int4_per_cell", "2", "/area_mm2/total");
  table.push_back({"weight_table_bits", "4", "/cycles", "shapes"});
  at("macros.outputs", "2");
  at("macros.inputs", "2", "/cycles", resident);
  at("merge", "concat");
  at("weight_update", "shadow", "/cycles", resident);
  for (const std::string buffer : {"activation", "weight", "output"}) {
    at("buffers." + buffer + ".bytes", "32768", "/energy_pj");
    at("buffers." + buffer + ".port_bytes", "8");
    at("buffers." + buffer + ".protection", "secded", "/energy_pj");
    at("buffers." + buffer + ".banks", "1", "/cycles", {"architecture.buffers." + buffer + ".port_bytes=24"});
  }
  at("weights_resident", "true");
  at("clock_mhz", "250", "/time_ns");
  at("dma.outstanding", "1");
  at("dma.burst_bytes", "32");
  at("dram.standard", "hbm2");
  at("dram.channels", "2");
  at("dram.protection", "secded", "/energy_pj");
  at("dram.bytes", "4096", "exit code");  // the data need more
  at("interconnect.width_bytes", "4");
  at("interconnect.latency_cycles", "20");
  check_table("architecture", "architecture.", table);
}

TEST_CASE("Every key of a DRAM device acts") {
  const std::string device = "architecture.dram.standard.";
  std::vector<Acts> table;
  const auto at = [&](const std::string& key, const std::string& value, const std::string& where = "/cycles",
                      const std::vector<std::string>& also = {}) {
    table.push_back({key, value, where, "gemm", also});
  };
  at("base", "hbm2");
  at("name", "other", "scenario.yaml");         // of messages
  at("description", "other", "scenario.yaml");  // free text
  const auto timing = [&](const std::string& key, const std::string& value, const std::vector<std::string>& also = {}) {
    at("timing." + key, value, "/cycles", also);
  };
  timing("clock_ps", "1250");
  timing("bus_bytes", "4");
  timing("burst_length", "32");
  timing("burst_clocks", "7");
  timing("bank_groups", "2");
  timing("banks_per_group", "2");
  timing("row_bytes", "256");
  timing("rcd_read", "60");
  at("timing.rcd_write", "60", "/time_ns");
  timing("rp", "60");
  timing("ras", "500");
  timing("rl", "60", {device + "timing.rtw=60"});
  timing("wl", "60");
  timing("rtp", "500");
  timing("refi", "1000");
  const std::vector<std::string> refreshed{device + "timing.refi=1000"};
  timing("rfc", "800", refreshed);
  timing("rp_all", "200", refreshed);
  // Few and short rows, many short bursts.
  const std::vector<std::string> busy{device + "timing.bank_groups=2", device + "timing.banks_per_group=2",
                                      device + "timing.row_bytes=256", "architecture.dma.burst_bytes=32"};
  timing("ccd_s", "9", {device + "timing.bank_groups=2", device + "timing.ccd_l=12"});
  table.push_back({"timing.ccd_l", "16", "/time_ns", "llama", {"architecture.dram.standard=ddr4"}});
  timing("rrd_s", "200", busy);
  timing("rrd_l", "200", busy);
  timing("faw", "2000", busy);
  timing("wr", "500", busy);
  timing("wtr_s", "500", busy);
  timing("rtw", "500", busy);
  // A read soon after a write, in its bank group.
  timing("wtr_l", "500",
         {device + "timing.bank_groups=2", device + "timing.banks_per_group=1", device + "timing.row_bytes=256",
          "architecture.buffers.output.bytes=1024", "architecture.dma.outstanding=1"});
  at("energy.flat", "77", "/energy_pj", {"technology.dram_model=flat"});
  for (const std::string part : {"read", "write", "activate", "refresh", "standby"}) {
    at("energy." + part, "77", "/energy_pj", {"architecture.clock_mhz=50"});  // long enough to be refreshed
  }
  check_table("DRAM device", device, table);
}

TEST_CASE("Every key of a technology acts") {
  std::vector<Acts> table;
  const auto at = [&](const std::string& key, const std::string& value, const std::string& where = "/energy_pj",
                      const std::vector<std::string>& also = {}) {
    table.push_back({key, value, where, "gemm", also});
  };
  at("base", "7nm");
  at("name", "other", "/technology");
  at("description", "other", "scenario.yaml");  // free text
  at("activity", "0.25");
  at("activity_basis", "0.25");
  at("activity_source", "measured", "/energy_pj", {"fidelity=rtl"});
  table.push_back({"energy.int4_multiply",
                   "77",
                   "/energy_pj",
                   "block",
                   {"workload.flow.weight_bits=4", "architecture.int4_per_cell=2"}});
  for (const std::string event : {"int8_multiply", "add_16", "add_20", "add_22", "add_32", "mux2_per_bit",
                                  "mux4_per_bit", "flip_flop_toggle", "flip_flop_clock", "gated_cell", "idle_cell",
                                  "cell_write_per_bit", "wire", "interconnect_hop", "host_instruction"}) {
    at("energy." + event, "77");
  }
  at("sram.scale", "2");
  const std::vector<std::string> small{
      "technology.sram.points=[{bytes: 8192, read: 1, write: 1}, {bytes: 131072, read: 2, write: 2}]"};
  at("sram.points.N.bytes", "9000", "/energy_pj", small);
  at("sram.points.N.read", "7", "/energy_pj", small);
  at("sram.points.N.write", "7", "/energy_pj", small);
  at("leakage.sram_per_kib", "77");
  at("leakage.logic_per_mm2", "77");
  for (const std::string part : {"sram_per_kib", "full_adder", "flip_flop", "nand2", "cell_bit"}) {
    at("area." + part, "7", "/area_mm2/total");
  }
  at("distance.buffer_to_macros", "7");
  at("dram_model", "flat");
  check_table("technology", "technology.", table);
}
