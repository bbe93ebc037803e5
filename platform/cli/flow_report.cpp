#include "platform/cli/flow_report.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

double kept_percent(const LinearReport& report) {
  return report.saliency_total > 0 ? 100 * (report.saliency_kept / report.saliency_total) : 100;
}

double error_percent(const LinearReport& report) {
  return report.squared_weights > 0 ? 100 * std::sqrt(report.squared_error / report.squared_weights) : 0;
}

/// "3" for a block, the linear's name for a linear.
std::string label(const LanguageModel& model, Granularity granularity, std::size_t i) {
  return granularity == Granularity::block ? std::to_string(i) : model.linears()[i].name;
}

std::size_t label_width(const LanguageModel& model, Granularity granularity) {
  std::size_t width = 6;
  if (granularity == Granularity::block) return width;
  for (const LinearInfo& linear : model.linears()) width = std::max(width, linear.name.size());
  return width;
}

std::string costs(const LinearReport& report) {
  return fmt::format("  {:>8.3f}  {:>7.3f}  {}", kept_percent(report), error_percent(report),
                     report.pattern.dense() ? "all" : to_string(report.policy));
}

/// What was tried, and what it would cost to keep the ends dense.
std::string choice_lines(const Choice& choice) {
  std::string text;
  for (std::size_t i = 0; i < choice.trials.size(); ++i) {
    text += fmt::format("{}{} {:.4f}{}", i == 0 ? "calibration loss, bits per token: " : ", ", choice.trials[i].name,
                        choice.trials[i].bits_per_token, i == choice.taken ? " (taken)" : "");
  }
  if (!text.empty()) text += "\n";
  if (choice.cost_of_dense_ends) {
    text += std::isfinite(*choice.cost_of_dense_ends)
                ? fmt::format("a dense first and last block would raise the objective by {:.4f} at the same sparsity\n",
                              *choice.cost_of_dense_ends)
                : "with a dense first and last block this sparsity cannot be reached\n";
  }
  return text;
}

std::vector<std::string> singular_linears(const LanguageModel& model, const std::vector<LinearReport>& reports) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    if (reports[i].singular) names.push_back(model.linears()[i].name);
  }
  return names;
}

std::string singular_line(const LanguageModel& model, const std::vector<LinearReport>& reports) {
  const std::vector<std::string> names = singular_linears(model, reports);
  if (names.empty()) return "";
  return fmt::format(
      "compensation: the calibration does not determine {} of {} linears, such as {} (fewer tokens than "
      "inputs, or inputs that are always 0); damping decides there\n",
      names.size(), reports.size(), names.front());
}

/// Over all weights.
double mean_sparsity(const std::vector<LinearReport>& linears) {
  double pruned = 0;
  double total = 0;
  for (const LinearReport& each : linears) {
    pruned += each.pattern.sparsity() * each.parameters;
    total += each.parameters;
  }
  return total > 0 ? pruned / total : 0;
}

}  // namespace

std::vector<LinearReport> reports_by(Granularity granularity, const LanguageModel& model,
                                     const std::vector<LinearReport>& linears) {
  if (granularity == Granularity::linear) return linears;
  std::vector<LinearReport> blocks;
  for (std::size_t i = 0; i < linears.size(); ++i) {
    if (i == 0 || model.linears()[i].block != model.linears()[i - 1].block) {
      blocks.push_back(linears[i]);
      continue;
    }
    blocks.back().saliency_total += linears[i].saliency_total;
    blocks.back().saliency_kept += linears[i].saliency_kept;
    blocks.back().squared_error += linears[i].squared_error;
    blocks.back().squared_weights += linears[i].squared_weights;
    blocks.back().parameters += linears[i].parameters;
  }
  return blocks;
}

std::string choice_table(const LanguageModel& model, const PatternChooser& chooser, const Choice& choice,
                         const std::vector<LinearReport>& reports) {
  const Granularity granularity = chooser.granularity();
  const bool measured = !chooser.costs().empty();
  const std::size_t width = label_width(model, granularity);
  const std::vector<LinearReport> rows = reports_by(granularity, model, reports);
  std::string text = fmt::format("{:<{}}", to_string(granularity), width);
  text += measured ? fmt::format("  {:>10}", to_string(chooser.objective()))
                   : fmt::format("  {:>8}  {:>10}  {:>6}  {:>6}", "r %", "lambda", "O", "D");
  text += fmt::format("  {:>5}  {:>8}", "N:M", "sparsity");
  if (!rows.empty()) text += fmt::format("  {:>8}  {:>7}  {}", "kept %", "q-err %", "indices");
  text += "\n";
  for (std::size_t i = 0; i < chooser.items().size(); ++i) {
    const Candidate chosen = choice.selection.chosen[i];
    text += fmt::format("{:<{}}", label(model, granularity, i), width);
    if (measured) {
      text += fmt::format("  {:>10.6f}", chooser.cost(i, chosen));
    } else {
      text += fmt::format("  {:>8.3f}  {:>10.3e}  {:>6.3f}  {:>6.3f}", chooser.figures()[i].outlier_ratio,
                          chooser.figures()[i].locality, chooser.items()[i].outliers, chooser.items()[i].locality);
    }
    text += fmt::format("  {:>5}  {:>8.4f}", chosen.dense() ? "dense" : to_string(chosen), chosen.pattern().sparsity());
    if (!rows.empty()) text += costs(rows[i]);
    text += "\n";
  }
  return text + selection_line(choice.selection) + "\n" + choice_lines(choice) + singular_line(model, reports);
}

std::string figures_table(const LanguageModel& model, const std::vector<OutlierFigures>& figures,
                          const std::vector<SelectionItem>& items, Granularity granularity) {
  const std::size_t width = label_width(model, granularity);
  std::string text =
      fmt::format("{:<{}}  {:>8}  {:>10}  {:>6}  {:>6}\n", to_string(granularity), width, "r %", "lambda", "O", "D");
  for (std::size_t i = 0; i < items.size(); ++i) {
    text += fmt::format("{:<{}}  {:>8.3f}  {:>10.3e}  {:>6.3f}  {:>6.3f}\n", label(model, granularity, i), width,
                        figures[i].outlier_ratio, figures[i].locality, items[i].outliers, items[i].locality);
  }
  return text;
}

std::string report_table(const LanguageModel& model, const std::vector<LinearReport>& linears) {
  const std::size_t width = label_width(model, Granularity::linear);
  std::string text = fmt::format("{:<{}}  {:>5}  {:>8}  {:>8}  {:>7}  {}\n", "linear", width, "N:M", "sparsity",
                                 "kept %", "q-err %", "indices");
  for (std::size_t i = 0; i < linears.size(); ++i) {
    text += fmt::format("{:<{}}  {:>5}  {:>8.4f}{}\n", model.linears()[i].name, width, to_string(linears[i].pattern),
                        linears[i].pattern.sparsity(), costs(linears[i]));
  }
  return text + fmt::format("mean sparsity {:.4f} of all linears' weights\n", mean_sparsity(linears)) +
         singular_line(model, linears);
}

nlohmann::ordered_json selection_json(const Selection& selection) {
  nlohmann::ordered_json blocks = nlohmann::ordered_json::array();
  for (const Candidate each : selection.chosen) blocks.push_back({{"n", each.n}, {"m", each.m}});
  return {{"blocks", blocks},
          {"objective", selection.objective},
          {"target", selection.target},
          {"reached", selection.reached},
          {"exact", selection.exact}};
}

nlohmann::ordered_json choice_json(const LanguageModel& model, const PatternChooser& chooser, const Choice& choice,
                                   const std::vector<LinearReport>& reports) {
  nlohmann::ordered_json json = selection_json(choice.selection);
  const Granularity granularity = chooser.granularity();
  const std::vector<LinearReport> rows = reports_by(granularity, model, reports);
  for (std::size_t i = 0; i < chooser.items().size(); ++i) {
    nlohmann::ordered_json& block = json["blocks"][i];
    const Candidate chosen = choice.selection.chosen[i];
    if (granularity == Granularity::linear) block["name"] = model.linears()[i].name;
    if (chooser.costs().empty()) {
      block["outlier_ratio"] = chooser.figures()[i].outlier_ratio;
      block["locality"] = chooser.figures()[i].locality;
      block["O"] = chooser.items()[i].outliers;
      block["D"] = chooser.items()[i].locality;
    } else {
      block["cost"] = chooser.cost(i, chosen);
    }
    block["sparsity"] = chosen.pattern().sparsity();
    if (rows.empty()) continue;
    block["saliency_kept_percent"] = kept_percent(rows[i]);
    block["quantization_error_percent"] = error_percent(rows[i]);
    block["policy"] = to_string(rows[i].policy);
  }
  json["granularity"] = to_string(granularity);
  json["measure"] = to_string(chooser.objective());
  for (const Trial& trial : choice.trials) {
    json["trials"].push_back(
        {{"patterns", trial.name}, {"reached", trial.reached}, {"bits_per_token", trial.bits_per_token}});
  }
  if (!choice.trials.empty()) json["taken"] = choice.trials[choice.taken].name;
  if (choice.cost_of_dense_ends) {
    json["cost_of_dense_ends"] = std::isfinite(*choice.cost_of_dense_ends)
                                     ? nlohmann::ordered_json(*choice.cost_of_dense_ends)
                                     : nlohmann::ordered_json();
  }
  const std::vector<std::string> singular = singular_linears(model, reports);
  if (!singular.empty()) json["singular"] = singular;
  return json;
}

nlohmann::ordered_json report_json(const LanguageModel& model, const std::vector<LinearReport>& linears) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < linears.size(); ++i) {
    list.push_back({{"name", model.linears()[i].name},
                    {"pattern", to_string(linears[i].pattern)},
                    {"sparsity", linears[i].pattern.sparsity()},
                    {"saliency_kept_percent", kept_percent(linears[i])},
                    {"quantization_error_percent", error_percent(linears[i])},
                    {"policy", to_string(linears[i].policy)}});
  }
  return {{"linears", list}, {"sparsity", mean_sparsity(linears)}};
}

void StepTimes::end(const char* step) {
  const auto now = std::chrono::steady_clock::now();
  seconds_[step] = std::chrono::duration<double>(now - begin_).count();
  begin_ = now;
}

std::string selection_line(const Selection& selection) {
  return fmt::format("{}, objective {:.4f}", reached_text(selection), selection.objective);
}

}  // namespace flexcim
