// The outlier figures of a whole model, and the items of a selection made from them (flow.md §2, §3).
#pragma once

#include "flow/model/language_model.h"
#include "flow/select/calibrate.h"
#include "flow/select/outliers.h"
#include "flow/select/selection.h"

#include <string_view>
#include <vector>

namespace flexcim {

/// What gets a pattern of its own.
enum class Granularity {
  block,  ///< all linears of a block share figures and pattern (as published)
  linear  ///< each linear has its own
};
Granularity parse_granularity(std::string_view text);  ///< Throws InputError that names the two.
std::string_view to_string(Granularity granularity);

/// Which ends of the model stay dense.
struct DenseEnds {
  bool first = true;
  bool last = true;
  bool automatic = false;  ///< neither has to: the selection decides, and tells what the rule of both would cost
};
/// "none", "first", "last", "first,last", "both" or "auto". Throws InputError that names them otherwise.
DenseEnds parse_dense_ends(std::string_view text);

/// How saliency is measured.
enum class Saliency {
  wanda,     ///< |W| times the norm of the input channel
  magnitude  ///< |W|
};

/// The factors of |W| for one linear: its channel norms, or ones.
std::vector<float> saliency_factors(const LinearInfo& linear, const InputStatistics& statistics, Saliency saliency);

/// Throws NotFiniteError naming the linear and the first weight whose saliency is beyond float.
void require_finite_saliency(const LinearInfo& linear, MatrixView<const float> weights,
                             const std::vector<float>& factors);

/// m of the outlier ratio: an outlier's saliency is above m means. The published solver uses 0.5 in its example and 3
/// elsewhere.
constexpr double kLeastOutlierMultiple = 1e-6, kMostOutlierMultiple = 1e6;
constexpr double kDefaultOutlierMultiple = 3;

/// The figures per block or per linear, in order. The float weights of one block (or linear) are in memory at a time.
/// The same to the last bit for any number of threads. `statistics` has one entry per linear of the model. Throws as
/// require_finite_saliency does.
std::vector<OutlierFigures> analyze(const LanguageModel& model, const std::vector<InputStatistics>& statistics,
                                    Saliency saliency, double outlier_multiple, Granularity granularity, int threads,
                                    const Progress& progress = {});

/// Makes the items of a selection from raw figures, which are min-max normalised over the model. All blocks weigh the
/// same. A linear weighs its number of parameters, so that the mean is the pruned share of all parameters that may be
/// pruned; in the objective each linear has one term.
std::vector<SelectionItem> selection_items(const LanguageModel& model, const std::vector<OutlierFigures>& figures,
                                           Granularity granularity, DenseEnds keep_dense);
/// The same without figures, for measured costs.
std::vector<SelectionItem> selection_items(const LanguageModel& model, Granularity granularity, DenseEnds keep_dense);
/// The same from figures alone, one per block.
std::vector<SelectionItem> selection_items(const std::vector<OutlierFigures>& figures, DenseEnds keep_dense);

/// One pattern per linear of the model from one candidate per block or per linear.
std::vector<Pattern> patterns_of_linears(const LanguageModel& model, const std::vector<Candidate>& chosen,
                                         Granularity granularity);

}  // namespace flexcim
