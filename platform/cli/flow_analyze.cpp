// flexcim flow analyze: outlier ratio and locality per block.
#include "flow/base/error.h"
#include "flow/base/json_output.h"
#include "platform/cli/flow_options.h"
#include "platform/cli/flow_report.h"
#include "platform/cli/flow_subcommands.h"

#include <fmt/format.h>

namespace flexcim {
namespace {

struct AnalyzeCommand {
  ModelFlags model;
  bool json = false;
};

nlohmann::ordered_json figures_json(const LanguageModel& model, const std::vector<OutlierFigures>& figures,
                                    const std::vector<SelectionItem>& items, Granularity granularity) {
  nlohmann::ordered_json json;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    json["outlier_ratio"].push_back(figures[i].outlier_ratio);
    json["locality"].push_back(figures[i].locality);
    json["O"].push_back(items[i].outliers);
    json["D"].push_back(items[i].locality);
    if (granularity == Granularity::linear) json["names"].push_back(model.linears()[i].name);
  }
  json["granularity"] = to_string(granularity);
  return json;
}

void run(const AnalyzeCommand& command) {
  if (command.model.calibration.empty()) throw InputError("flow analyze: --calibration is needed");
  const Granularity granularity = command.model.granularity_or(Granularity::block);
  const CalibratedModel calibrated = open_model(command.model);
  const LanguageModel& model = *calibrated.model;
  const std::vector<OutlierFigures> figures =
      analyze(model, calibrated.calibration.statistics, Saliency::wanda, command.model.outlier_multiple, granularity,
              command.model.threads, progress_bar("analyzing"));
  const std::vector<SelectionItem> items = selection_items(model, figures, granularity, {false, false});
  if (command.json) {
    nlohmann::ordered_json json = figures_json(model, figures, items, granularity);
    json["outlier_multiple"] = command.model.outlier_multiple;
    fmt::print("{}\n", result_text(json));
    return;
  }
  fmt::print("{}", figures_table(model, figures, items, granularity));
}

}  // namespace

void add_flow_analyze(CLI::App& flow) {
  auto command = std::make_shared<AnalyzeCommand>();
  CLI::App* app = flow.add_subcommand("analyze", "Print the outlier ratio and locality of each block");
  command->model.add(*app);
  command->model.add_outlier_multiple(*app);
  command->model.add_granularity(*app);
  app->add_flag("--json", command->json, "print JSON, as `flow select --figures` reads it");
  app->callback([command] { run(*command); });
}

}  // namespace flexcim
