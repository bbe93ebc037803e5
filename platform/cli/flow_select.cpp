// flexcim flow select: patterns from figures that were computed elsewhere, or by `flexcim flow analyze --json`.
#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/json_output.h"
#include "flow/base/output_file.h"
#include "flow/select/pattern_file.h"
#include "platform/cli/flow_options.h"
#include "platform/cli/flow_report.h"
#include "platform/cli/flow_subcommands.h"
#include "platform/cli/output_place.h"

#include <cmath>
#include <fmt/format.h>
#include <set>

namespace flexcim {
namespace {

struct SelectCommand {
  std::string figures;
  std::string output;
  bool json = false;
  bool timing = false;
  SelectionFlags selection;
  HardwareFlags hardware;
};

std::vector<double> numbers(const nlohmann::json& json, const std::string& path, const char* key) {
  const auto list = json.find(key);
  if (list == json.end() || !list->is_array()) throw InputError(path + ": " + key + " is missing or not a list");
  std::vector<double> values;
  for (const auto& value : *list) {
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
      throw InputError(path + ": " + key + "[" + std::to_string(values.size()) + "] is not a number");
    }
    values.push_back(value.get<double>());
  }
  return values;
}

std::vector<OutlierFigures> read_figures(const std::string& path) {
  const nlohmann::json json = read_json(path);
  if (!json.is_object()) throw InputError(path + ": is not an object");
  static const std::set<std::string> known = {"outlier_ratio", "locality",        "O", "D", "names",
                                              "granularity",   "outlier_multiple"};
  for (const auto& item : json.items()) {
    if (known.count(item.key()) == 0) throw InputError(path + ": unknown key \"" + item.key() + "\"");
  }
  const std::vector<double> ratios = numbers(json, path, "outlier_ratio");
  const std::vector<double> localities = numbers(json, path, "locality");
  if (ratios.size() != localities.size() || ratios.empty()) {
    throw InputError(path + ": outlier_ratio and locality need one value per block each; they have " +
                     std::to_string(ratios.size()) + " and " + std::to_string(localities.size()));
  }
  std::vector<OutlierFigures> figures;
  for (std::size_t i = 0; i < ratios.size(); ++i) figures.push_back({ratios[i], localities[i]});
  return figures;
}

void run(const SelectCommand& command) {
  const SelectionOptions options = command.selection.options();
  if (!command.output.empty()) require_output_place(command.output, {command.figures}, true);
  if (command.hardware.given()) {
    command.hardware.geometry.validate();
    require_candidates(command.hardware.geometry, options.candidates);
  }
  const auto items = selection_items(read_figures(command.figures), parse_dense_ends(command.selection.keep_dense));
  StepTimes times;
  const Selection selection = select_patterns(items, options);
  times.end("select");
  if (!command.output.empty()) write_text_file(command.output, pattern_text(selection.chosen));
  if (command.json) {
    nlohmann::ordered_json json = selection_json(selection);
    if (command.timing) json["seconds"] = times.json();
    fmt::print("{}\n", result_text(json));
  } else {
    if (command.output.empty()) fmt::print("{}", pattern_text(selection.chosen));
    fmt::print(stderr, "{}\n", selection_line(selection));
  }
}

}  // namespace

void add_flow_select(CLI::App& flow) {
  auto command = std::make_shared<SelectCommand>();
  CLI::App* app = flow.add_subcommand("select", "Choose N:M per block from figures: the exact optimum");
  app->add_option("--figures", command->figures,
                  "JSON: {\"outlier_ratio\": [...], \"locality\": [...]}, one value per block")
      ->required();
  app->add_option("-o,--output", command->output, "write index:N:M lines to this file");
  app->add_flag("--json", command->json, "print JSON in place of index:N:M lines");
  app->add_flag("--timing", command->timing, "add \"seconds\" per step to the JSON");
  command->selection.add(*app, "--target,--sparsity");
  command->hardware.add(*app);
  app->callback([command] { run(*command); });
}

}  // namespace flexcim
