// The patterns of a model: FLOW's selection by one of its objectives (flow.md §3).
#pragma once

#include "flow/pack/prune_model.h"
#include "flow/select/analyze.h"
#include "flow/select/budget.h"
#include "flow/select/method.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// Whether the linears of a model have more than 50 million weights: then measuring losses takes too long, and what is
/// made of the model is worth keeping.
bool is_large(const LanguageModel& model);

struct ChoiceOptions {
  SelectionOptions selection;
  std::optional<PatternObjective> objective;  ///< none: loss, or error where is_large()
  std::optional<Granularity> granularity;     ///< none: blocks for `published`, linears for the others
  DenseEnds keep_dense;
  double outlier_multiple = kDefaultOutlierMultiple;  ///< of `published`
};

/// The objective and what gets patterns of its own where the options leave that open.
PatternObjective objective_of(const LanguageModel& model, const ChoiceOptions& options);
Granularity granularity_of(const LanguageModel& model, const ChoiceOptions& options);

/// Patterns that were tried as a whole on the calibration text.
struct Trial {
  std::string name;  ///< "selected"; "calmer", with slopes drawn together; or a uniform pattern, "4:8"
  double reached = 0;
  double bits_per_token = 0;  ///< calibration_loss
};

/// What was chosen: one entry of selection.chosen per block or per linear.
struct Choice {
  Selection selection;
  std::vector<Pattern> patterns;  ///< one per linear of the model
  std::vector<Trial> trials;      ///< the selection's own patterns first; none where nothing was tried
  std::size_t taken = 0;          ///< which of them was taken, the first on a tie
  PrunedModel pruned;             ///< the model pruned so, where trying has made it; otherwise empty
  /// By how much the objective would rise if the first and the last block stayed dense and the sparsity over all were
  /// the same, with DenseEnds::automatic and measured costs; infinite where that cannot be.
  std::optional<double> cost_of_dense_ends;
};

/// The same where a budget of the hardware takes the place of the mean sparsity.
struct BudgetedChoice {
  Choice choice;
  std::int64_t spend = 0;  ///< of what was taken, at most the limit
};

/// One pattern for all items that need not stay dense.
struct UniformSelection {
  Candidate candidate;
  Selection selection;
};

/// Selections for a model from figures or costs that are measured once. Keeps references to all it is given.
class PatternChooser {
 public:
  /// Measures. `pruning` says how the patterns will be pruned; its own patterns do not count. Throws InputError where
  /// `error` or `loss` is asked for without calibration sequences, and as analyze and candidate_costs do.
  PatternChooser(const LanguageModel& model, const Calibration& calibration, const ChoiceOptions& options,
                 const ModelPruning& pruning, const Progress& progress = {});

  PatternObjective objective() const { return objective_; }
  Granularity granularity() const { return granularity_; }
  const std::vector<SelectionItem>& items() const { return items_; }
  /// The outlier figures of each item; none where costs are measured.
  const std::vector<OutlierFigures>& figures() const { return figures_; }
  /// Measured costs, [item][candidate]; none with the published objective.
  const std::vector<std::vector<double>>& costs() const { return costs_; }
  /// That of one of the candidates; 0 of a dense one that is not among them.
  double cost(std::size_t item, Candidate candidate) const;

  /// For one target (that of the options does not count). With the objective `loss` the selection's patterns are tried
  /// on the calibration text beside those of a second selection, whose slopes are drawn together (their square roots:
  /// MeasuredCosts), and uniform_selections(), but, where every row chooses freely, those whose pattern another one
  /// holds (4:8 holds 2:4). The lowest loss there is taken, a mix only if it is lower by 0.15 %: the costs of single
  /// items are noisy, and do not add up exactly.
  Choice choose(double target) const;

  /// Within a budget: what select_within() finds for measured costs, tried likewise beside a second selection and the
  /// uniform patterns of the least sparsity that fit. `spends`: of each item, in the budget's unit, `unit`
  /// its name for messages. Throws InputError as select_within and require_within do; so for the published objective,
  /// which measures no costs.
  BudgetedChoice choose_within(const std::vector<ItemSpend>& spends, std::int64_t limit, std::string_view unit) const;

  /// The patterns of a selection, one per linear of the model.
  std::vector<Pattern> patterns(const Selection& selection) const {
    return patterns_of_linears(model_, selection.chosen, granularity_);
  }
  /// The selections that give all items that need not stay dense one pattern, of those that meet the target the ones of
  /// the least sparsity.
  std::vector<UniformSelection> uniform_selections(double target) const;

 private:
  Selection select(double target, const std::vector<std::vector<double>>& costs) const;
  UniformSelection uniform(double target, std::size_t candidate) const;
  std::int64_t spend_of(const Selection& selection, const std::vector<ItemSpend>& spends) const;
  std::vector<UniformSelection> least_sparse(double target, const std::function<bool(const Selection&)>& allowed) const;
  void try_on_calibration(Choice& choice, const Selection& second, const std::vector<UniformSelection>& uniform) const;
  double cost_of_dense_ends(const Choice& choice) const;

  const LanguageModel& model_;
  const Calibration& calibration_;
  const ChoiceOptions& options_;
  const ModelPruning& pruning_;
  PatternObjective objective_;
  Granularity granularity_;
  std::vector<SelectionItem> items_;
  std::vector<OutlierFigures> figures_;
  std::vector<std::vector<double>> costs_;
  std::vector<std::vector<double>> calmer_costs_;  ///< of the second selection that is tried
};

}  // namespace flexcim
