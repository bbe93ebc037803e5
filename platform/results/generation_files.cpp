#include "platform/results/generation_files.h"

#include "platform/config/clock_period.h"
#include "platform/results/columns.h"
#include "platform/results/generation_report.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

}  // namespace

Json part_json(const GenerationPart& part) {
  Json json{{"tokens", part.tokens},
            {"time_ns", nanoseconds(part.time.total_ps())},
            {"tokens_per_s", part.tokens_per_second()},
            {"energy_pj", part.energy.total_pj()},
            {"energy_per_token_pj", part.energy_per_token_pj()},
            {"time_split_ns",
             {{"gemm", nanoseconds(part.time.gemm_ps)},
              {"memory", nanoseconds(part.time.memory_ps)},
              {"host", nanoseconds(part.time.host_ps())},
              {"host_operators", nanoseconds(part.time.operators_ps)},
              {"host_memory", nanoseconds(part.time.host_memory_ps)},
              {"host_driver", nanoseconds(part.time.driver_ps)},
              {"hidden", nanoseconds(part.time.hidden_ps)}}},
            {"energy_split_pj", {{"gemm", part.gemms.total_pj()}, {"host_driver", part.driver.total_pj()}}}};
  const Roofline& roofline = part.roofline;
  json["roofline"] = {{"dram_bytes", roofline.dram_bytes},
                      {"macros_ns", nanoseconds(roofline.macros_ps)},
                      {"dram_ns", nanoseconds(roofline.dram_ps)},
                      {"host_ns", nanoseconds(roofline.host_ps)},
                      {"bound", roofline.bound()},
                      {"tokens_per_s", part.bound_tokens_per_second()}};
  json["operators"] = Json::array();
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    const OperatorResult& work = part.operators[i];
    const OperatorClassInfo& info = operator_classes()[i];
    json["operators"].push_back({{"operator", info.name},
                                 {"unit", info.unit},
                                 {"units", work.units},
                                 {"cycles", work.cycles},
                                 {"read_bytes", work.read_bytes},
                                 {"written_bytes", work.written_bytes},
                                 {"time_ns", nanoseconds(work.time_ps())},
                                 {"wait_ns", nanoseconds(work.wait_ps)},
                                 {"hidden_ns", nanoseconds(work.hidden_ps)},
                                 {"energy_pj", work.energy.total_pj()}});
  }
  return json;
}

GenerationPart load_part(const std::string& name, const JsonPlace& json) {
  GenerationPart part;
  part.name = name;
  part.tokens = json["tokens"].small_count();
  const JsonPlace time = json["time_split_ns"];
  part.time = {time["gemm"].picoseconds(),           time["memory"].picoseconds(),
               time["host_operators"].picoseconds(), time["host_memory"].picoseconds(),
               time["host_driver"].picoseconds(),    time["hidden"].picoseconds()};
  const JsonPlace roofline = json["roofline"];
  part.roofline = {roofline["dram_bytes"].count(), roofline["macros_ns"].picoseconds(),
                   roofline["dram_ns"].picoseconds(), roofline["host_ns"].picoseconds()};
  const std::vector<JsonPlace> operators = json["operators"].items();
  if (operators.size() != kOperatorClasses) json["operators"].fail("has not one entry for each class");
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    OperatorResult& work = part.operators[i];
    work.units = operators[i]["units"].count();
    work.cycles = operators[i]["cycles"].count();
    work.read_bytes = operators[i]["read_bytes"].count();
    work.written_bytes = operators[i]["written_bytes"].count();
    work.wait_ps = operators[i]["wait_ns"].picoseconds();
    work.hidden_ps = operators[i]["hidden_ns"].picoseconds();
    work.compute_ps = operators[i]["time_ns"].picoseconds() - work.wait_ps;
  }
  return part;
}

Json generation_json(const SimulationResult& simulation) {
  const GenerationResult& generation = *simulation.generation;
  Json json{{"prompt", generation.prompt_text}, {"prompt_tokens", generation.prompt.size()}};
  if (simulation.compared()) {
    json["text"] = generation.text;
    json["golden_text"] = generation.golden_text;
    json["match"] = generation.match();
    json["tokens"] = generation.tokens;
  }
  json["tokens_asked"] = generation.asked;
  json["finish_reason"] = generation.ended ? "eos" : "length";
  if (!generation.match()) json["golden_tokens"] = generation.golden;
  for (const GenerationPart& part : generation.parts) json[part.name] = part_json(part);
  json["layer_kinds"] = Json::array();
  for (const LayerKind& kind : layer_kinds(simulation)) {
    put_columns(json["layer_kinds"].emplace_back(), layer_kind_columns(), kind);
  }
  return json;
}

std::string layer_kinds_csv(const RunResult& result) {
  std::string text = "run,fidelity" + csv_header(layer_kind_columns()) + "\n";
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const SimulationResult& simulation = result.simulations[run];
    for (const LayerKind& kind : layer_kinds(simulation)) {
      text += fmt::format("{},{}{}\n", run, to_string(simulation.fidelity), csv_row(layer_kind_columns(), kind));
    }
  }
  return text;
}

}  // namespace flexcim
