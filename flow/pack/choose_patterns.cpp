#include "flow/pack/choose_patterns.h"

#include "flow/base/error.h"
#include "flow/compensate/calibration_loss.h"
#include "flow/compensate/candidate_costs.h"
#include "flow/select/selection_rules.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace flexcim {
namespace {

constexpr std::int64_t kMostOfSmall = 50'000'000;  // weights of the linears of a model that is not large
constexpr double kEqual = 1e-9;                    // of sparsities
constexpr double kDrawTogether = 0.5;              // power of slopes for the second selection that is tried
constexpr double kMixHandicap = 1.5e-3;  // by what share of its loss a mix must be better than a uniform pattern

}  // namespace

bool is_large(const LanguageModel& model) {
  std::int64_t weights = 0;
  for (const LinearInfo& linear : model.linears()) weights += static_cast<std::int64_t>(linear.out) * linear.in;
  return weights > kMostOfSmall;
}

PatternObjective objective_of(const LanguageModel& model, const ChoiceOptions& options) {
  return options.objective.value_or(is_large(model) ? PatternObjective::error : PatternObjective::loss);
}

Granularity granularity_of(const LanguageModel& model, const ChoiceOptions& options) {
  const bool published = objective_of(model, options) == PatternObjective::published;
  return options.granularity.value_or(published ? Granularity::block : Granularity::linear);
}

PatternChooser::PatternChooser(const LanguageModel& model, const Calibration& calibration, const ChoiceOptions& options,
                               const ModelPruning& pruning, const Progress& progress)
    : model_(model),
      calibration_(calibration),
      options_(options),
      pruning_(pruning),
      objective_(objective_of(model, options)),
      granularity_(granularity_of(model, options)) {
  if (objective_ == PatternObjective::published) {
    figures_ = analyze(model, calibration.statistics, Saliency::wanda, options.outlier_multiple, granularity_,
                       pruning.threads, progress);
    items_ = selection_items(model, figures_, granularity_, options.keep_dense);
    return;
  }
  if (calibration.sequences.empty()) {
    throw InputError("objective " + std::string(to_string(objective_)) + " needs a calibration text");
  }
  items_ = selection_items(model, granularity_, options.keep_dense);
  CostOptions costs;
  costs.measure = objective_ == PatternObjective::loss ? CostMeasure::loss : CostMeasure::error;
  costs.granularity = granularity_;
  costs.candidates = options.selection.candidates;
  for (const SelectionItem& item : items_) costs.left_out.push_back(item.keep_dense);
  const MeasuredCosts measured = candidate_costs(model, calibration.sequences, pruning, costs, progress);
  costs_ = measured.costs();
  if (objective_ == PatternObjective::loss) calmer_costs_ = measured.costs(kDrawTogether);
}

Choice PatternChooser::choose(double target) const {
  Choice choice;
  choice.selection = select(target, costs_);
  choice.patterns = patterns(choice.selection);
  if (objective_ != PatternObjective::published && options_.keep_dense.automatic) {
    choice.cost_of_dense_ends = cost_of_dense_ends(choice);
  }
  if (objective_ == PatternObjective::loss && choice.selection.open) {
    try_on_calibration(choice, select(target, calmer_costs_), uniform_selections(target));
  }
  return choice;
}

BudgetedChoice PatternChooser::choose_within(const std::vector<ItemSpend>& spends, std::int64_t limit,
                                             std::string_view unit) const {
  const SelectionOptions& options = options_.selection;
  const BudgetSelection best = select_within(items_, costs_, spends, limit, options);
  require_within(best, unit);
  BudgetedChoice result;
  result.choice.selection = best.selection;
  result.choice.patterns = patterns(best.selection);
  if (objective_ == PatternObjective::loss && best.selection.open) {
    const BudgetSelection second = select_within(items_, calmer_costs_, spends, limit, options);
    const auto within = [&](const Selection& each) { return spend_of(each, spends) <= limit; };
    try_on_calibration(result.choice, second.selection, least_sparse(best.selection.target, within));
  }
  result.spend = spend_of(result.choice.selection, spends);
  return result;
}

double PatternChooser::cost(std::size_t item, Candidate candidate) const {
  const std::vector<Candidate>& all = options_.selection.candidates;
  const auto at = std::find(all.begin(), all.end(), candidate);
  return at == all.end() ? 0 : costs_.at(item)[static_cast<std::size_t>(at - all.begin())];
}

Selection PatternChooser::select(double target, const std::vector<std::vector<double>>& costs) const {
  SelectionOptions options = options_.selection;
  options.target = target;
  return costs.empty() ? select_patterns(items_, options) : select_patterns(items_, costs, options);
}

UniformSelection PatternChooser::uniform(double target, std::size_t candidate) const {
  UniformSelection result{options_.selection.candidates[candidate], {}};
  Selection& selection = result.selection;
  selection.target = target;
  selection.any_above = !costs_.empty();
  for (std::size_t i = 0; i < items_.size(); ++i) {
    selection.chosen.push_back(items_[i].keep_dense ? Candidate{} : result.candidate);
    if (!items_[i].keep_dense && !costs_.empty()) selection.objective += costs_[i][candidate];
    selection.open |= !items_[i].keep_dense;
  }
  selection.reached = mean_sparsity(items_, selection.chosen, options_.selection.count_kept);
  selection.exact = std::abs(selection.reached - target) <= kEqual;
  return result;
}

std::vector<UniformSelection> PatternChooser::uniform_selections(double target) const {
  return least_sparse(target, [&](const Selection& each) { return each.reached >= target - kEqual; });
}

/// Of the uniform patterns that are `allowed` those of the least sparsity.
std::vector<UniformSelection> PatternChooser::least_sparse(double target,
                                                           const std::function<bool(const Selection&)>& allowed) const {
  std::vector<UniformSelection> result;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < options_.selection.candidates.size(); ++c) {
    if (options_.selection.candidates[c].dense()) continue;
    UniformSelection each = uniform(target, c);
    if (!allowed(each.selection)) continue;
    least = std::min(least, each.selection.reached);
    result.push_back(std::move(each));
  }
  const auto other = [&](const UniformSelection& each) { return each.selection.reached > least + kEqual; };
  result.erase(std::remove_if(result.begin(), result.end(), other), result.end());
  return result;
}

/// In all, of what stays dense too.
std::int64_t PatternChooser::spend_of(const Selection& selection, const std::vector<ItemSpend>& spends) const {
  const std::vector<Candidate>& all = options_.selection.candidates;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const auto at = std::find(all.begin(), all.end(), selection.chosen[i]);
    const bool dense = items_[i].keep_dense || at == all.end();
    sum += dense ? spends[i].dense : spends[i].candidates[static_cast<std::size_t>(at - all.begin())];
  }
  return sum;
}

void PatternChooser::try_on_calibration(Choice& choice, const Selection& second,
                                        const std::vector<UniformSelection>& uniform) const {
  const Selection selected = choice.selection;
  std::vector<std::vector<Pattern>> tried;
  double least = std::numeric_limits<double>::infinity();
  const auto attempt = [&](const std::string& name, const Selection& selection, double handicap) {
    ModelPruning pruning = pruning_;
    pruning.patterns = patterns(selection);
    if (std::find(tried.begin(), tried.end(), pruning.patterns) != tried.end()) return;
    tried.push_back(pruning.patterns);
    PrunedModel pruned;
    const double bits = calibration_loss(model_, calibration_, pruning, &pruned);
    choice.trials.push_back({name, selection.reached, bits});
    if (bits * (1 + handicap) >= least) return;
    least = bits * (1 + handicap);
    choice.taken = choice.trials.size() - 1;
    choice.selection = selection;
    choice.patterns = pruning.patterns;
    choice.pruned = std::move(pruned);
  };
  attempt("selected", selected, kMixHandicap);
  attempt("calmer", second, kMixHandicap);
  for (const UniformSelection& each : uniform) {
    const bool free = pruning_.policy == IndexPolicy::element;  // rows choose as they like
    const bool held =
        free &&
        std::any_of(uniform.begin(), uniform.end(), [&](const UniformSelection& other) {  // of the same sparsity
          return other.candidate.m > each.candidate.m && other.candidate.m % each.candidate.m == 0;
        });
    if (!held) attempt(to_string(each.candidate), each.selection, 0);
  }
}

double PatternChooser::cost_of_dense_ends(const Choice& choice) const {
  SelectionOptions with_ends = options_.selection;
  with_ends.target = choice.selection.target;
  with_ends.count_kept = true;
  const Selection ruled = select_patterns(selection_items(model_, granularity_, DenseEnds{}), costs_, with_ends);
  if (ruled.reached < with_ends.target - kEqual) return std::numeric_limits<double>::infinity();
  return ruled.objective - choice.selection.objective;
}

}  // namespace flexcim
