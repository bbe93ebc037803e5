// flexcim flow eval: bits per byte of a model before and after FLOW.
#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/json_output.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/int8_runner.h"
#include "flow/model/load_model.h"
#include "platform/cli/evaluation_text.h"
#include "platform/cli/flow_options.h"
#include "platform/cli/flow_subcommands.h"
#include "platform/cli/number_options.h"
#include "platform/program/plain_runner.h"
#include "platform/results/fault_files.h"
#include "platform/workload/generate_job.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

namespace flexcim {
namespace {

struct EvalCommand {
  ModelFlags model;
  SelectionFlags selection;
  std::string text;
  int limit = 0;
  std::vector<double> sparsities = {0.5, 0.6, 0.7};
  std::vector<int> windows = {1, 2, 4};
  std::vector<std::string> policies = {"element", "window", "window_shared"};
  std::vector<std::string> objectives = {"published", "error", "loss"};
  std::vector<std::string> updates = {"none", "compensate"};
  int cols = MacroGeometry().cols;
  std::string activation_scale = "static";
  std::string attention = "float";
  bool json = false;
  std::string scenario;  ///< whose accelerator runs the linears of a packed model; empty: the golden model does
  std::vector<std::string> sets;
};

/// One line of the table. Target and reached are means over the blocks that may be pruned.
struct Row {
  std::string variant;
  std::string update;
  std::string indices;  ///< policy and window
  std::optional<double> target;
  double reached = 0;
  double kept_percent = 100;
  double bits = 0;
};

/// Throws InputError for a model that has none to form in int8.
Int8Runner::Attention attention_of(const EvalCommand& command, const LanguageModel& model) {
  if (command.attention == "int8") require_attention(model, command.model.model);
  return command.attention == "int8" ? Int8Runner::Attention::in_int8 : Int8Runner::Attention::in_float;
}

double bits_of(const EvalCommand& command, const LanguageModel& model, LinearRunner& runner,
               const std::vector<std::vector<int>>& tokens, const std::string& what) {
  return naming_not_finite(command.model.model + " on " + command.text, [&] {
    return bits_per_token(model, runner, tokens, command.model.context, command.model.threads, progress_bar(what));
  });
}

class Evaluation {
 public:
  explicit Evaluation(const EvalCommand& command) : command_(command), calibrated_(open_model(command.model)) {
    tokens_ = evaluation_tokens(command.text, command.limit, model());
  }

  const LanguageModel& model() const { return *calibrated_.model; }

  double bits(LinearRunner& runner, const std::string& what) const {
    return bits_of(command_, model(), runner, tokens_, what);
  }

  void run() {
    require_all();
    FloatRunner runner(model());
    add({"dense float", "", "", {}, 0, 100, bits(runner, "dense float")});
    measure({"dense int8", "", "", {}, 0, 100, 0}, pruning_for(IndexPolicy::element, 1, Update::none),
            std::vector<Pattern>(model().linears().size()));
    for (const std::string& update : command_.updates) {
      for (const auto& [policy, window] : hardware()) run_hardware(policy, window, parse_update(update));
    }
  }

  const std::vector<Row>& rows() const { return rows_; }

 private:
  /// What cannot be is not found out after minutes.
  void require_all() const {
    attention_of(command_, model());
    parse_dense_ends(command_.selection.keep_dense);
    for (const std::string& update : command_.updates) parse_update(update);
    for (const std::string& objective : command_.objectives) parse_pattern_objective(objective);
    for (const Candidate each : command_.selection.options().candidates) {
      for (const auto& [policy, window] : hardware()) {
        ModelPruning pruning = pruning_for(policy, window, Update::none);
        pruning.patterns.assign(model().linears().size(), each.pattern());
        require_pruners(model(), pruning);
      }
    }
  }

  /// The index policies, each with every window that it knows.
  std::vector<std::pair<IndexPolicy, int>> hardware() const {
    std::vector<std::pair<IndexPolicy, int>> all;
    for (const std::string& name : command_.policies) {
      const IndexPolicy policy = parse_index_policy(name);
      if (policy == IndexPolicy::element) all.emplace_back(policy, 1);
      for (const int window : command_.windows) {
        if (policy != IndexPolicy::element) all.emplace_back(policy, window);
      }
    }
    return all;
  }

  /// FLOW by every objective and the uniform patterns beside it, for weights of one kind.
  void run_hardware(IndexPolicy policy, int window, Update update) {
    const ModelPruning pruning = pruning_for(policy, window, update);
    Row row;
    row.update = to_string(update);
    row.indices = policy == IndexPolicy::element ? "element" : fmt::format("{} w={}", to_string(policy), window);
    for (const std::string& objective : command_.objectives) {
      ChoiceOptions options;
      options.selection = command_.selection.options();
      options.objective = parse_pattern_objective(objective);
      options.keep_dense = parse_dense_ends(command_.selection.keep_dense);
      options.outlier_multiple = command_.model.outlier_multiple;
      const PatternChooser chooser(model(), calibrated_.calibration, options, pruning, progress_bar("choosing"));
      for (const double target : command_.sparsities) {
        row.target = target;
        if (objective == command_.objectives.front()) {
          for (const UniformSelection& uniform : chooser.uniform_selections(target)) {
            row.variant = "uniform " + to_string(uniform.candidate);
            row.reached = uniform.selection.reached;
            measure(row, pruning, chooser.patterns(uniform.selection));
          }
        }
        Choice choice = chooser.choose(target);
        row.variant = "FLOW " + objective;
        row.reached = choice.selection.reached;
        if (choice.taken > 0) row.variant += " (" + choice.trials[choice.taken].name + ")";
        measure(row, pruning, choice.patterns, std::move(choice.pruned));
      }
    }
  }

  ModelPruning pruning_for(IndexPolicy policy, int window, Update update) const {
    ModelPruning pruning;
    pruning.policy = policy;
    pruning.window = window;
    pruning.update = update;
    pruning.shared_rows = command_.cols;
    pruning.static_activations = command_.activation_scale == "static";
    pruning.threads = command_.model.threads;
    return pruning;
  }

  /// `pruned` is the model pruned so, if it has been made already.
  void measure(Row row, ModelPruning pruning, const std::vector<Pattern>& patterns, PrunedModel pruned = {}) {
    pruning.patterns = patterns;
    if (pruned.linears.empty()) pruned = prune_to_memory(model(), calibrated_.calibration, pruning);
    double kept = 0;
    double total = 0;
    for (const LinearReport& report : pruned.reports) {
      kept += report.saliency_kept;
      total += report.saliency_total;
    }
    row.kept_percent = total > 0 ? 100 * (kept / total) : 100;
    Int8Runner runner(pruned.linears, 1, attention_of(command_, model()));
    row.bits = bits(runner, row.variant);
    add(row);
  }

  void add(const Row& row) {
    rows_.push_back(row);
    if (command_.json) return;
    if (rows_.size() == 1) {
      fmt::print("{:<15}  {:<10}  {:<17}  {:>6}  {:>7}  {:>6}  {:>14}\n", "variant", "update", "indices", "target",
                 "reached", "kept %", "bits per token");
    }
    fmt::print("{:<15}  {:<10}  {:<17}  {:>6}  {:>7.4f}  {:>6.2f}  {:>14.4f}\n", row.variant, row.update, row.indices,
               row.target ? fmt::format("{:.2f}", *row.target) : "", row.reached, row.kept_percent, row.bits);
    std::fflush(stdout);
  }

  const EvalCommand& command_;
  CalibratedModel calibrated_;
  std::vector<std::vector<int>> tokens_;
  std::vector<Row> rows_;
};

nlohmann::ordered_json to_json(const std::vector<Row>& rows) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json line{{"variant", row.variant}, {"update", row.update}, {"indices", row.indices}};
    if (row.target) line["target"] = *row.target;
    line["reached"] = row.reached;
    line["saliency_kept_percent"] = row.kept_percent;
    line["bits_per_token"] = row.bits;
    json.push_back(line);
  }
  return {{"rows", json}};
}

/// On the accelerator of a scenario, with its faults.
void evaluate_on_hardware(const EvalCommand& command, const LanguageModel& model) {
  std::vector<Override> overrides;
  for (const std::string& set : command.sets) overrides.push_back(parse_override(set));
  const Scenario scenario = load_scenario(command.scenario, overrides);
  EvalCommand alone = command;
  alone.model.threads = 1;
  const int window = command.model.context == 0 ? model.context() : command.model.context;
  PlainRunner runner(scenario, load_packed_linears(command.model.model, model), static_cast<std::size_t>(window));
  const double bits =
      bits_of(alone, model, runner, evaluation_tokens(command.text, command.limit, model), "evaluating");
  if (command.json) {
    fmt::print("{}\n", result_text({{"bits_per_token", bits}, {"faults", faults_json(runner.faults())}}));
  } else {
    fmt::print("{} on {}: {:.4f} bits per token\n{}", command.model.model, scenario.name, bits,
               fault_table(runner.faults()));
  }
}

void evaluate_packed(const EvalCommand& command) {
  const auto model = load_model(command.model.model);
  if (!command.scenario.empty()) return evaluate_on_hardware(command, *model);
  Int8Runner runner(load_packed_linears(command.model.model, *model), 1, attention_of(command, *model));
  const double bits =
      bits_of(command, *model, runner, evaluation_tokens(command.text, command.limit, *model), "evaluating");
  if (command.json) {
    fmt::print("{}\n", result_text({{"bits_per_token", bits}}));
  } else {
    fmt::print("{}: {:.4f} bits per token\n", command.model.model, bits);
  }
}

void run(EvalCommand& command) {
  if (command.activation_scale != "static" && command.activation_scale != "dynamic") {
    throw InputError("activation scale \"" + command.activation_scale + "\" is neither static nor dynamic");
  }
  if (command.attention != "float" && command.attention != "int8") {
    throw InputError("attention \"" + command.attention + "\" is neither float nor int8");
  }
  for (const int window : command.windows) {
    MacroGeometry macro;
    macro.window = window;
    macro.cols = command.cols;
    macro.validate();
  }
  const std::filesystem::path model = command.model.model;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(model, ignored)) return evaluate_packed(command);
  if (!command.scenario.empty()) throw InputError("--scenario: " + model.string() + " is no packed model");
  if (command.text.empty()) command.text = (model / "evaluation.txt").string();
  if (command.model.calibration.empty()) command.model.calibration = (model / "calibration.txt").string();
  Evaluation evaluation(command);
  evaluation.run();
  if (command.json) fmt::print("{}\n", result_text(to_json(evaluation.rows())));
}

}  // namespace

void add_flow_eval(CLI::App& flow) {
  auto command = std::make_shared<EvalCommand>();
  CLI::App* app = flow.add_subcommand(
      "eval", "Print bits per token (per byte, for byte-level models): dense, uniform N:M and FLOW at equal sparsity");
  command->model.add(*app);
  command->model.add_outlier_multiple(*app);
  app->add_option("--text", command->text,
                  "evaluation text or token file; default: evaluation.txt in the model directory");
  add_whole(*app, "--limit", command->limit, 0, kAnyWhole, "tokens of it to use; 0: all");
  add_reals(*app, "--sparsities", command->sparsities, 0, 1, "mean sparsities to compare at");
  add_wholes(*app, "--windows", command->windows, 1, kAnyWhole, "windows of the hardware to compare");
  app->add_option("--policies", command->policies, "element, window, window_shared: which to compare")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--objectives", command->objectives, "published, error, loss: which to compare")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--updates", command->updates, "none, compensate: which to compare")
      ->delimiter(',')
      ->capture_default_str();
  add_whole(*app, "--cols", command->cols, 1, kAnyWhole, "C, columns of a sub-macro: rows that share selects");
  app->add_option("--activation-scale", command->activation_scale,
                  "static: one per linear from calibration; dynamic: per token")
      ->capture_default_str();
  app->add_option("--attention", command->attention,
                  "products of attention of int8 variants: float, or int8 as on the accelerator")
      ->capture_default_str();
  CLI::Option* const scenario =
      app->add_option("--scenario", command->scenario,
                      "of a packed model: run its linears on this scenario's accelerator, with its faults");
  app->add_option("--set", command->sets, "key.path=value, in place of that scenario's; may be repeated")
      ->needs(scenario)
      ->take_all()
      ->allow_extra_args(false);
  app->add_flag("--json", command->json, "print JSON in place of the table");
  command->selection.add(*app, "");
  app->callback([command] { run(*command); });
}

}  // namespace flexcim
