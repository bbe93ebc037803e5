#include "platform/results/steps_files.h"

#include "platform/results/columns.h"
#include "platform/results/generation_files.h"
#include "platform/results/steps_report.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

Json request_json(const RequestFigures& request) {
  return {{"phase", to_string(request.phase)},
          {"count", request.count},
          {"tokens", request.tokens},
          {"context", request.context},
          {"last_context", request.last_context},
          {"tokens_out", request.tokens_out},
          {"attention_macs", request.attention_macs}};
}

RequestPhase phase_of(const JsonPlace& json) {
  for (const RequestPhase phase :
       {RequestPhase::encode, RequestPhase::prefill, RequestPhase::decode, RequestPhase::verify, RequestPhase::draft}) {
    if (json.text() == to_string(phase)) return phase;
  }
  json.fail("is no phase");
}

RequestFigures request_of(const JsonPlace& json) {
  return {phase_of(json["phase"]),       json["count"].small_count(),   json["tokens"].small_count(),
          json["context"].small_count(), json["last_context"].number(), json["tokens_out"].number(),
          json["attention_macs"].count()};
}

}  // namespace

Json steps_json(const SimulationResult& simulation) {
  const StepsResult& steps = *simulation.steps;
  const TokenRates rates = simulation.token_rates();
  Json json{{"tokens_out", rates.tokens_out},
            {"tokens_per_s", rates.tokens_per_s},
            {"first_token_ns", rates.first_token_ns},
            {"per_token_ns", rates.per_token_ns},
            {"energy_per_token_pj", rates.energy_per_token_pj},
            {"passes", Json::array()}};
  for (std::size_t i = 0; i < steps.passes.size(); ++i) {
    const PassFigures& pass = steps.passes[i];
    Json entry{{"pass", steps.parts[i].name}, {"step", pass.step}, {"runs", pass.runs}, {"batches", pass.batches}};
    entry["requests"] = Json::array();
    for (const RequestFigures& request : pass.requests) entry["requests"].push_back(request_json(request));
    entry.update(part_json(steps.parts[i]));
    json["passes"].push_back(std::move(entry));
  }
  return json;
}

StepsResult load_steps(const JsonPlace& json) {
  StepsResult steps;
  for (const JsonPlace& entry : json["passes"].items()) {
    steps.parts.push_back(load_part(entry["pass"].text(), entry));
    PassFigures& pass = steps.passes.emplace_back();
    pass.step = entry["step"].small_count();
    pass.runs = entry["runs"].count();
    pass.batches = entry["batches"].small_count();
    if (pass.runs == 0 || pass.batches == 0) entry.fail("has no run");
    for (const JsonPlace& request : entry["requests"].items()) pass.requests.push_back(request_of(request));
  }
  return steps;
}

std::string steps_csv(const RunResult& result) {
  std::string text = "run,fidelity" + csv_header(step_columns()) + "\n";
  for (std::size_t run = 0; run < result.simulations.size(); ++run) {
    const SimulationResult& simulation = result.simulations[run];
    for (const StepRow& row : step_rows(simulation)) {
      text += fmt::format("{},{}{}\n", run, to_string(simulation.fidelity), csv_row(step_columns(), row));
    }
  }
  return text;
}

}  // namespace flexcim
