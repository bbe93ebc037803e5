// flexcim flow prune and flexcim flow pack: from a model directory to a packed file.
#include "flow/base/error.h"
#include "flow/base/json_output.h"
#include "flow/model/load_model.h"
#include "flow/model/model_files.h"
#include "flow/select/budget.h"
#include "flow/select/pattern_file.h"
#include "platform/cli/flow_options.h"
#include "platform/cli/flow_report.h"
#include "platform/cli/flow_subcommands.h"
#include "platform/cli/number_options.h"
#include "platform/cli/output_place.h"
#include "platform/config/block_parameters.h"
#include "platform/config/hardware.h"
#include "platform/config/scenario.h"
#include "platform/estimate/budget_limit.h"
#include "platform/estimate/pattern_spend.h"
#include "platform/workload/cached_images.h"

#include <fmt/format.h>
#include <optional>

namespace flexcim {
namespace {

enum class Method { flow, uniform, magnitude, from_file, none };

struct PackCommand {
  ModelFlags model;
  HardwareFlags hardware;
  std::string output;
  std::string policy = "window_shared";
  std::string pattern;
  std::string patterns;
  std::string activation_scale = "static";
  int weight_bits = 8;
  bool json = false;
  bool timing = false;
  std::string image;  ///< architecture for which the weights of a packed model are encoded; empty: a model is packed
};

struct PruneCommand : PackCommand {
  SelectionFlags selection;
  MethodFlags flow;
  std::string budget;  ///< empty: a mean sparsity is asked for
  std::string architecture = "flexcim_published";
  int tokens = 1;
  std::string method = "flow";
};

Method parse_method(const std::string& text) {
  if (text == "flow") return Method::flow;
  if (text == "uniform") return Method::uniform;
  if (text == "magnitude") return Method::magnitude;
  if (text == "from_file") return Method::from_file;
  if (text == "none") return Method::none;
  throw InputError("method \"" + text + "\" is none of flow, uniform, magnitude, from_file, none");
}

bool parse_static(const std::string& text) {
  if (text != "static" && text != "dynamic") {
    throw InputError("activation scale \"" + text + "\" is neither static nor dynamic");
  }
  return text == "static";
}

/// What both commands check before any work, and what they have in common.
ModelPruning pruning_of(const PackCommand& command) {
  command.hardware.geometry.validate();
  std::vector<std::string> inputs = model_files(command.model.model);
  for (const std::string& file : {command.model.calibration, command.patterns}) {
    if (!file.empty()) inputs.push_back(file);
  }
  require_output_place(command.output, inputs);
  ModelPruning pruning;
  pruning.policy = parse_index_policy(command.policy);
  pruning.window = command.hardware.geometry.window;
  pruning.shared_rows = command.hardware.geometry.cols;
  pruning.weight_bits = command.weight_bits;
  pruning.static_activations = parse_static(command.activation_scale);
  pruning.threads = command.model.threads;
  if (pruning.static_activations && command.model.calibration.empty()) {
    throw InputError("static activation scales need --calibration; or choose --activation-scale dynamic");
  }
  return pruning;
}

/// One pattern for all linears but those of the blocks that stay dense.
std::vector<Pattern> uniform_patterns(const LanguageModel& model, Pattern pattern, DenseEnds ends) {
  std::vector<Pattern> patterns;
  for (const LinearInfo& linear : model.linears()) {
    const bool dense = (ends.first && linear.block == 0) || (ends.last && linear.block == model.blocks() - 1);
    patterns.push_back(dense ? Pattern{} : pattern);
  }
  return patterns;
}

std::vector<Pattern> file_patterns(const PackCommand& command, const LanguageModel& model, Granularity granularity) {
  const std::size_t count =
      granularity == Granularity::block ? static_cast<std::size_t>(model.blocks()) : model.linears().size();
  std::vector<Pattern> patterns = patterns_of_linears(model, read_pattern_file(command.patterns, count), granularity);
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    require_support(command.hardware.geometry, patterns[i], command.patterns + ": " + model.linears()[i].name);
  }
  return patterns;
}

std::vector<LinearReport> write(const PackCommand& command, const CalibratedModel& calibrated,
                                const ModelPruning& pruning) {
  return write_packed_model(command.output, command.model.model, *calibrated.model, calibrated.calibration, pruning,
                            progress_bar("pruning"));
}

/// What is pruned already.
std::vector<LinearReport> write(const PackCommand& command, const LanguageModel& model, const ModelPruning& pruning,
                                PrunedModel pruned) {
  return write_packed_model(command.output, command.model.model, model, pruning, [&](const auto& sink) {
    for (PackedLinear& linear : pruned.linears) sink(std::move(linear));
    return std::move(pruned.reports);
  });
}

void print_report(const PackCommand& command, const LanguageModel& model, const std::vector<LinearReport>& reports) {
  if (command.json) {
    fmt::print("{}\n", result_text(report_json(model, reports)));
  } else {
    fmt::print("{}written: {}\n", report_table(model, reports), command.output);
  }
}

/// The choice within a budget of the hardware, whose window and columns the pruning takes.
class BudgetChoice {
 public:
  BudgetChoice(const PruneCommand& command, const ChoiceOptions& options)
      : limit_(parse_budget_limit(command.budget)), hardware_(load_hardware(command.architecture)) {
    if (options.objective == PatternObjective::published) {
      throw InputError("flow prune: the published objective measures no costs: with --budget choose error or loss");
    }
    settings_ = {command.tokens, parse_index_policy(command.policy), command.weight_bits};
  }

  const MacroGeometry& macro() const { return hardware_.architecture.macro; }

  Choice choose(const LanguageModel& model, const PatternChooser& chooser, const SelectionOptions& options) const {
    const std::vector<ItemSpend> spends = item_spends(hardware_, model.linears(), model.blocks(), chooser.granularity(),
                                                      options.candidates, limit_.budget, settings_);
    const std::int64_t dense = dense_spend(spends);
    const std::int64_t limit = limit_.of(dense);
    const std::string_view unit = unit_of(limit_.budget);
    BudgetedChoice chosen = chooser.choose_within(spends, limit, unit);
    fmt::print(stderr, "budget: {} of {} {}, dense {}\n", chosen.spend, limit, unit, dense);
    return std::move(chosen.choice);
  }

 private:
  BudgetLimit limit_;
  Hardware hardware_;
  SpendSettings settings_;
};

void run_flow(const PruneCommand& command, ModelPruning pruning) {
  ChoiceOptions options;
  options.selection = command.selection.options();
  options.objective = objective_of(command.flow.objective);
  if (!command.model.granularity.empty()) options.granularity = parse_granularity(command.model.granularity);
  options.keep_dense = parse_dense_ends(command.selection.keep_dense);
  options.outlier_multiple = command.model.outlier_multiple;
  std::optional<BudgetChoice> budget;
  if (!command.budget.empty()) {
    budget.emplace(command, options);
    pruning.window = budget->macro().window;
    pruning.shared_rows = budget->macro().cols;
  }
  require_candidates(budget ? budget->macro() : command.hardware.geometry, options.selection.candidates);

  StepTimes times;
  const CalibratedModel calibrated = open_model(command.model);
  times.end("calibrate");
  const LanguageModel& model = *calibrated.model;
  const PatternChooser chooser(model, calibrated.calibration, options, pruning, progress_bar("analyzing"));
  Choice choice = budget ? budget->choose(model, chooser, options.selection) : chooser.choose(options.selection.target);
  times.end("analyze");
  pruning.patterns = choice.patterns;
  const std::vector<LinearReport> reports = choice.pruned.linears.empty()
                                                ? write(command, calibrated, pruning)
                                                : write(command, model, pruning, std::move(choice.pruned));
  times.end("prune");
  if (command.json) {
    nlohmann::ordered_json json = choice_json(model, chooser, choice, reports);
    if (command.timing) json["seconds"] = times.json();
    fmt::print("{}\n", result_text(json));
  } else {
    fmt::print("{}written: {}\n", choice_table(model, chooser, choice, reports), command.output);
  }
}

void run_prune(const PruneCommand& command) {
  ModelPruning pruning = pruning_of(command);
  const Method method = parse_method(command.method);
  const Granularity granularity = command.model.granularity_or(Granularity::block);
  const DenseEnds ends = parse_dense_ends(command.selection.keep_dense);
  if (command.model.calibration.empty() && method != Method::magnitude && method != Method::none) {
    throw InputError("flow prune: --calibration is needed for method " + command.method);
  }
  // Without a calibration there is nothing to compensate by, and these two say what the weights are without it.
  const bool calibrated_method = method != Method::magnitude && method != Method::none;
  pruning.update = calibrated_method ? parse_update(command.flow.update) : Update::none;
  if (!command.budget.empty() && method != Method::flow) throw InputError("flow prune: --budget is for method flow");
  if (!command.budget.empty() && command.hardware.given()) {
    throw InputError("flow prune: with --budget the macro is that of --architecture");
  }
  if (method == Method::flow) return run_flow(command, pruning);

  const bool uniform = method == Method::uniform || method == Method::magnitude;
  if (uniform && command.pattern.empty()) throw InputError("flow prune: method " + command.method + " needs --pattern");
  if (method == Method::from_file && command.patterns.empty()) {
    throw InputError("flow prune: method from_file needs --patterns");
  }
  const Pattern pattern = uniform ? parse_pattern(command.pattern) : Pattern{};
  require_support(command.hardware.geometry, pattern, "--pattern");
  const CalibratedModel calibrated = open_model(command.model);
  const LanguageModel& model = *calibrated.model;
  pruning.saliency = method == Method::magnitude ? Saliency::magnitude : Saliency::wanda;
  pruning.patterns =
      method == Method::from_file ? file_patterns(command, model, granularity) : uniform_patterns(model, pattern, ends);
  print_report(command, model, write(command, calibrated, pruning));
}

/// Encodes the weights of a packed model for an architecture.
void run_image(const PackCommand& command) {
  const std::string& packed = command.model.model;
  if (!is_packed_model(packed))
    throw InputError("flow pack: --image is for a packed model, and " + packed + " is none");
  const Hardware hardware = load_hardware(command.image);
  const auto model = load_model(packed);
  const std::vector<PackedLinear> linears =
      load_packed_linears(packed, *model, model->blocks(), progress_bar("reading weights"));
  make_image_file(packed, image_settings(hardware.architecture, hardware.sequencing), linears);
}

void run_pack(const PackCommand& command) {
  if (!command.image.empty()) return run_image(command);
  if (command.output.empty()) throw InputError("flow pack: --output is needed: the packed file");
  ModelPruning pruning = pruning_of(command);
  const Granularity granularity = command.model.granularity_or(Granularity::block);
  if (command.pattern.empty() == command.patterns.empty()) {
    throw InputError("flow pack: give either --pattern or --patterns");
  }
  const Pattern pattern = command.pattern.empty() ? Pattern{} : parse_pattern(command.pattern);
  require_support(command.hardware.geometry, pattern, "--pattern");
  const CalibratedModel calibrated = open_model(command.model);
  const LanguageModel& model = *calibrated.model;
  pruning.patterns = command.pattern.empty() ? file_patterns(command, model, granularity)
                                             : uniform_patterns(model, pattern, {false, false});
  pruning.saliency = Saliency::magnitude;
  pruning.already_pruned = true;
  print_report(command, model, write(command, calibrated, pruning));
}

void add_common(CLI::App& app, PackCommand& command) {
  command.model.add(app);
  command.model.add_granularity(app);
  app.add_option("-o,--output", command.output, "the packed file (safetensors)")->required();
  app.add_option("--policy", command.policy,
                 "element: any N of M, many phases; window: what the default selects reach; window_shared: selects "
                 "shared by the rows of a sub-macro's columns")
      ->capture_default_str();
  app.add_option("--pattern", command.pattern, "one N:M for all blocks that do not stay dense");
  app.add_option("--patterns", command.patterns, "file of index:N:M lines, one per block (or linear)");
  app.add_option("--activation-scale", command.activation_scale,
                 "static: one per linear from calibration; dynamic: per token")
      ->capture_default_str();
  app.add_option("--weight-bits", command.weight_bits, "that weights are quantized to")
      ->check(CLI::IsMember({4, 8}))
      ->capture_default_str();
  app.add_flag("--json", command.json, "print JSON in place of the table");
  command.hardware.add(app);
}

}  // namespace

void add_flow_prune(CLI::App& flow) {
  auto command = std::make_shared<PruneCommand>();
  CLI::App* app = flow.add_subcommand("prune", "Select N:M per block, prune, quantize and pack a model");
  add_common(*app, *command);
  command->model.add_outlier_multiple(*app);
  command->selection.add(*app, "--sparsity,--target");
  command->flow.add(*app);
  CLI::Option* budget = app->add_option(
      "--budget", command->budget,
      "in place of a mean sparsity, what all linears may spend: cycles=60% (of dense), energy=1.5 mJ, bytes=64 KiB");
  budget->excludes(app->get_option("--sparsity"));
  app->add_option("--architecture", command->architecture,
                  "of the budget: an architecture's name or file, or a scenario's file")
      ->needs(budget)
      ->capture_default_str();
  add_whole(*app, "--tokens", command->tokens, 1, kAnyWhole, "of the budget: that go through the linears at a time");
  app->add_flag("--timing", command->timing, "add \"seconds\" per step to the JSON of method flow");
  app->add_option("--method", command->method,
                  "flow; uniform or magnitude (with --pattern); from_file (with --patterns); none")
      ->capture_default_str();
  app->callback([command] { run_prune(*command); });
}

void add_flow_pack(CLI::App& flow) {
  auto command = std::make_shared<PackCommand>();
  command->policy = "element";
  CLI::App* app =
      flow.add_subcommand("pack", "Quantize and pack a model that is pruned already (fine-tuned, for example)");
  add_common(*app, *command);
  CLI::Option* image = app->add_option(
      "--image", command->image,
      "MODEL is a packed file: write its weights as this architecture (a name, a file, or a scenario's file) has them "
      "in DRAM beside it, for runs to map");
  for (const char* other : {"--output", "--pattern", "--patterns", "--calibration"}) {
    image->excludes(app->get_option(other));
  }
  app->get_option("--output")->required(false);
  app->callback([command] { run_pack(*command); });
}

}  // namespace flexcim
