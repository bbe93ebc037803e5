// flexcim flow front: what accuracy costs on an accelerator, from the least that can be spent to the dense model.
#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/json_output.h"
#include "flow/model/evaluate.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "flow/pack/choose_patterns.h"
#include "flow/pack/pack_model.h"
#include "platform/cli/evaluation_text.h"
#include "platform/cli/flow_options.h"
#include "platform/cli/flow_subcommands.h"
#include "platform/cli/number_options.h"
#include "platform/estimate/pattern_spend.h"
#include "platform/results/text_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace flexcim {
namespace {

struct FrontCommand {
  ModelFlags model;
  SelectionFlags selection;
  MethodFlags method;
  std::string architecture = "flexcim_published";
  std::string budget = "cycles";
  std::string policy = "window_shared";
  int tokens = 1;
  int weight_bits = 8;
  int points = 8;
  std::string text;
  int limit = 0;
  bool json = false;
};

/// A point of the front, and what its int8 model does on the text where there is one.
struct FrontRow {
  BudgetSelection point;
  std::optional<double> bits;
};

class Front {
 public:
  explicit Front(const FrontCommand& command)
      : command_(command), budget_(parse_budget(command.budget)), hardware_(load_hardware(command.architecture)) {
    const MacroGeometry& macro = hardware_.architecture.macro;
    options_.selection = command.selection.options();
    options_.objective = objective_of(command.method.objective);
    if (options_.objective == PatternObjective::published) {
      throw InputError("flow front: the published objective measures no costs: choose error or loss");
    }
    if (!command.model.granularity.empty()) options_.granularity = parse_granularity(command.model.granularity);
    options_.keep_dense = parse_dense_ends(command.selection.keep_dense);
    require_candidates(macro, options_.selection.candidates);
    pruning_.policy = parse_index_policy(command.policy);
    pruning_.window = macro.window;
    pruning_.shared_rows = macro.cols;
    pruning_.weight_bits = command.weight_bits;
    pruning_.update = parse_update(command.method.update);
    pruning_.threads = command.model.threads;
  }

  void run() {
    const std::vector<ItemSpend> spends = spends_of(*load_model(command_.model.model));
    const CalibratedModel calibrated = open_model(command_.model);
    const LanguageModel& model = *calibrated.model;
    if (!command_.text.empty()) tokens_ = evaluation_tokens(command_.text, command_.limit, model);
    const PatternChooser chooser(model, calibrated.calibration, options_, pruning_, progress_bar("measuring patterns"));
    for (const BudgetSelection& point : pareto_front(chooser.items(), chooser.costs(), spends,
                                                     static_cast<std::size_t>(command_.points), options_.selection)) {
      FrontRow row{point, {}};
      if (!tokens_.empty()) row.bits = bits_of(calibrated, chooser.patterns(point.selection));
      add(row);
    }
    if (command_.json) fmt::print("{}\n", result_text(json(chooser)));
  }

 private:
  /// Before anything is measured: what the accelerator refuses is not found out after minutes.
  std::vector<ItemSpend> spends_of(const LanguageModel& model) {
    const SpendSettings settings{command_.tokens, pruning_.policy, pruning_.weight_bits};
    std::vector<ItemSpend> spends =
        item_spends(hardware_, model.linears(), model.blocks(), granularity_of(model, options_),
                    options_.selection.candidates, budget_, settings);
    dense_ = dense_spend(spends);
    return spends;
  }

  double share(const BudgetSelection& point) const {
    return dense_ > 0 ? static_cast<double>(point.spend) / static_cast<double>(dense_) : 1;
  }

  /// Of the int8 model on the evaluation text.
  double bits_of(const CalibratedModel& calibrated, const std::vector<Pattern>& patterns) {
    ModelPruning pruning = pruning_;
    pruning.patterns = patterns;
    Int8Runner runner(prune_to_memory(*calibrated.model, calibrated.calibration, pruning).linears);
    return naming_not_finite(command_.model.model + " on " + command_.text, [&] {
      return bits_per_token(*calibrated.model, runner, tokens_, command_.model.context, command_.model.threads,
                            progress_bar("evaluating"));
    });
  }

  /// "cycles", "energy (fJ)".
  std::string heading() const {
    const std::string name(to_string(budget_));
    return name == unit_of(budget_) ? name : fmt::format("{} ({})", name, unit_of(budget_));
  }

  void add(const FrontRow& row) {
    rows_.push_back(row);
    if (command_.json) return;
    if (rows_.size() == 1) {
      fmt::print("{:>20}  {:>8}  {:>14}  {:>8}{}\n", heading(), "of dense", "predicted rise", "sparsity",
                 row.bits ? "  bits per token" : "");
    }
    const BudgetSelection& point = row.point;
    fmt::print("{:>20}  {:>8}  {:>14.4f}  {:>8.4f}{}\n", with_commas(static_cast<unsigned long long>(point.spend)),
               percent_text(share(point)), point.selection.objective, point.selection.reached,
               row.bits ? fmt::format("  {:>14.4f}", *row.bits) : "");
    std::fflush(stdout);
  }

  nlohmann::ordered_json json(const PatternChooser& chooser) const {
    nlohmann::ordered_json points = nlohmann::ordered_json::array();
    for (const FrontRow& row : rows_) {
      const BudgetSelection& point = row.point;
      nlohmann::ordered_json each{{"spend", point.spend},
                                  {"of_dense", share(point)},
                                  {"predicted_rise", point.selection.objective},
                                  {"sparsity", point.selection.reached},
                                  {"slack", point.slack}};
      if (row.bits) each["bits_per_token"] = *row.bits;
      for (const Candidate chosen : point.selection.chosen) each["patterns"].push_back(to_string(chosen));
      points.push_back(std::move(each));
    }
    return {{"budget", to_string(budget_)},
            {"unit", unit_of(budget_)},
            {"architecture", hardware_.architecture.name},
            {"tokens", command_.tokens},
            {"objective", to_string(chooser.objective())},
            {"granularity", to_string(chooser.granularity())},
            {"dense", dense_},
            {"points", points}};
  }

  const FrontCommand& command_;
  Budget budget_;
  Hardware hardware_;
  ChoiceOptions options_;
  ModelPruning pruning_;
  std::vector<std::vector<int>> tokens_;  ///< of the evaluation text
  std::int64_t dense_ = 0;
  std::vector<FrontRow> rows_;
};

void run(const FrontCommand& command) {
  if (command.model.calibration.empty()) throw InputError("flow front: --calibration is needed");
  Front(command).run();
}

}  // namespace

void add_flow_front(CLI::App& flow) {
  auto command = std::make_shared<FrontCommand>();
  CLI::App* app = flow.add_subcommand(
      "front",
      "Print what accuracy costs on an accelerator: the best patterns for less and less cycles, energy or bytes");
  command->model.add(*app);
  command->model.add_granularity(*app);
  command->method.add(*app);
  app->add_option("--architecture", command->architecture,
                  "what the weights run on: an architecture's name or file, or a scenario's file")
      ->capture_default_str();
  app->add_option("--budget", command->budget, "what is spent: cycles, energy or bytes (of DRAM)")
      ->capture_default_str();
  add_whole(*app, "--tokens", command->tokens, 1, kAnyWhole, "that go through the linears at a time");
  add_whole(*app, "--points", command->points, 2, kAnyWhole, "of the front, at most, at equal distances");
  app->add_option("--candidates", command->selection.candidates,
                  "patterns to choose from, N:M or dense, separated by commas")
      ->capture_default_str();
  app->add_option("--keep-dense", command->selection.keep_dense,
                  "blocks that stay dense: none, first, last or first,last")
      ->capture_default_str();
  app->add_option("--policy", command->policy, "element, window or window_shared: as flow prune has it")
      ->capture_default_str();
  app->add_option("--weight-bits", command->weight_bits, "that weights are quantized to")
      ->check(CLI::IsMember({4, 8}))
      ->capture_default_str();
  app->add_option("--text", command->text, "evaluation text or token file: also measure bits per token of each point");
  add_whole(*app, "--limit", command->limit, 0, kAnyWhole, "tokens of it to use; 0: all");
  app->add_flag("--json", command->json, "print JSON in place of the table, with the patterns of each point");
  app->callback([command] { run(*command); });
}

}  // namespace flexcim
