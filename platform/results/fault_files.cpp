#include "platform/results/fault_files.h"

#include "platform/results/text_table.h"

#include <fmt/format.h>
#include <vector>

namespace flexcim {
namespace {

using Json = nlohmann::ordered_json;

Json errors_json(const std::map<ErrorCode, std::uint64_t>& errors) {
  Json json = Json::object();
  for (const auto& [code, count] : errors) json[std::string(to_string(code))] = count;
  return json;
}

std::map<ErrorCode, std::uint64_t> load_errors(const JsonPlace& json) {
  std::map<ErrorCode, std::uint64_t> errors;
  for (const ErrorInfo& info : kErrorCodes) {
    if (const auto count = json.find(std::string(info.name))) errors[info.code] = count->count();
  }
  return errors;
}

std::string errors_text(const std::map<ErrorCode, std::uint64_t>& errors) {
  std::vector<std::string> parts;
  parts.reserve(errors.size());
  for (const auto& [code, count] : errors) parts.push_back(fmt::format("{} {}", to_string(code), with_commas(count)));
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

Json faults_json(const FaultResult& faults) {
  Json json{{"sites", Json::object()}, {"reported", errors_json(faults.reported)}};
  for (std::size_t i = 0; i < kFaultSites; ++i) {
    const FaultCounts& counts = faults.counts[i];
    if (counts == FaultCounts()) continue;
    Json& site = json["sites"][std::string(to_string(static_cast<FaultSite>(i)))];
    for (const auto& count : StatisticList<FaultCounts>::list) site[std::string(count.name)] = count.of(counts);
  }
  return json;
}

Json faults_json(const LayerFaults& faults) {
  return {{"outputs", faults.error.outputs},         {"wrong_outputs", faults.error.wrong},
          {"square_error", faults.error.square_sum}, {"rms_error", faults.error.rms()},
          {"largest_error", faults.error.largest},   {"refused", errors_json(faults.refused)}};
}

FaultResult load_faults(const JsonPlace& json) {
  FaultResult faults;
  for (std::size_t i = 0; i < kFaultSites; ++i) {
    const auto site = json["sites"].find(std::string(to_string(static_cast<FaultSite>(i))));
    if (!site) continue;
    for (const auto& count : StatisticList<FaultCounts>::list) {
      count.at(faults.counts[i]) = (*site)[std::string(count.name)].count();
    }
  }
  faults.reported = load_errors(json["reported"]);
  return faults;
}

LayerFaults load_layer_faults(const JsonPlace& json) {
  LayerFaults faults;
  faults.error = {json["outputs"].count(), json["wrong_outputs"].count(), json["square_error"].number(),
                  json["largest_error"].count()};
  faults.refused = load_errors(json["refused"]);
  return faults;
}

std::string fault_table(const FaultResult& faults) {
  TextTable table({{"faults in", Align::left},
                   {"bits", Align::right},
                   {"corrected", Align::right},
                   {"detected", Align::right},
                   {"silent", Align::right}});
  bool any = false;
  for (std::size_t i = 0; i < kFaultSites; ++i) {
    const FaultCounts& counts = faults.counts[i];
    if (counts == FaultCounts()) continue;
    any = true;
    table.add({std::string(to_string(static_cast<FaultSite>(i))), with_commas(counts.bits),
               with_commas(counts.corrected), with_commas(counts.detected), with_commas(counts.silent)});
  }
  std::string text = any ? table.render() : "no bit has been hit\n";
  if (!faults.reported.empty()) {
    text += fmt::format("errors that the accelerator has reported: {}\n", errors_text(faults.reported));
  }
  return text;
}

std::string fault_lines(const SimulationResult& simulation) {
  if (!simulation.faults) return "";
  OutputError error;
  for (const LayerResult& layer : simulation.layers) {
    if (layer.faults) error += layer.faults->error;
  }
  return fault_table(*simulation.faults) +
         fmt::format("{} of {} outputs differ from the golden model's, RMS error {:.6g}, the largest one {}\n",
                     with_commas(error.wrong), with_commas(error.outputs), error.rms(), with_commas(error.largest));
}

}  // namespace flexcim
