// The choices that FLOW leaves to its user, as they are written.
#pragma once

#include <string_view>

namespace flexcim {

/// By what a selection tells patterns apart (flow.md §3).
enum class PatternObjective {
  published,  ///< outlier ratio and locality (arXiv 2504.14365 §III)
  error,      ///< squared error of each linear's outputs (CostMeasure::error)
  loss        ///< the model's calibration loss (CostMeasure::loss)
};
PatternObjective parse_pattern_objective(std::string_view text);  ///< Throws InputError that names the three.
std::string_view to_string(PatternObjective objective);

/// Whether the weights that are kept make up for those that are dropped (flow.md §4).
enum class Update {
  none,       ///< they stay as they are (Wanda, FLOW as published)
  compensate  ///< they change (flow/compensate)
};
Update parse_update(std::string_view text);  ///< Throws InputError that names the two.
std::string_view to_string(Update update);

}  // namespace flexcim
