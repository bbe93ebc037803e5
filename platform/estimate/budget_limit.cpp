#include "platform/estimate/budget_limit.h"

#include "flow/base/error.h"
#include "platform/yaml/number.h"
#include "platform/yaml/units.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

std::int64_t parse_spend(std::string_view word, Budget budget) {
  const std::string number = has_unit(word) ? in_unit(word, std::string(unit_of(budget))) : std::string(word);
  return static_cast<std::int64_t>(parse_whole(number, std::uint64_t{0}, std::uint64_t{kMostSpend}));
}

double parse_share(std::string_view percent) {
  const double share = parse_real(percent, 0, 100) / 100;
  if (share == 0) throw InputError("expected more than 0 %");
  return share;
}

}  // namespace

std::int64_t BudgetLimit::of(std::int64_t dense) const {
  if (share == 0) return spend;
  return static_cast<std::int64_t>(std::floor(static_cast<long double>(dense) * static_cast<long double>(share)));
}

BudgetLimit parse_budget_limit(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    throw InputError(fmt::format("budget \"{}\" has no limit: expected BUDGET=LIMIT, as cycles=60%", text));
  }
  BudgetLimit limit;
  limit.budget = parse_budget(text.substr(0, equals));
  const std::string_view word = text.substr(equals + 1);
  try {
    if (!word.empty() && word.back() == '%') {
      limit.share = parse_share(word.substr(0, word.size() - 1));
    } else {
      limit.spend = parse_spend(word, limit.budget);
    }
  } catch (const InputError& error) {
    throw InputError(fmt::format("budget \"{}\": {}", text, error.what()));
  }
  return limit;
}

}  // namespace flexcim
