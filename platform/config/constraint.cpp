#include "platform/config/constraint.h"

#include "platform/config/scenario_schema.h"
#include "platform/yaml/number.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <regex>

namespace flexcim {
namespace {

constexpr const char* kNameCharacters = "0123456789_.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The value of a key as it is written in YAML; of one with keys of its own, its name.
std::string text_of(const Scenario& scenario, const std::string& key) {
  const KeyPlace place = scenario_key(scenario, key);
  if (!place.key->value.find) return value_text(place);
  try {
    return value_text(place.key->value.find("name", place.key->at(place.owner)));
  } catch (const InputError&) {
    throw InputError(key + " has keys of its own, and neither a number nor a name");
  }
}

double number_of(const Scenario& scenario, const std::string& key) {
  const std::string text = text_of(scenario, key);
  if (text == "true" || text == "false") return text == "true" ? 1 : 0;
  constexpr double kAny = std::numeric_limits<double>::max();
  try {
    return parse_real(text, -kAny, kAny);
  } catch (const InputError&) {
    throw InputError(text.empty() ? key + " has no value" : fmt::format("{} is no number, but {}", key, text));
  }
}

bool same_word(const std::string& yaml, const std::string& word) {
  const std::string text = yaml.empty() ? yaml : YAML::Load(yaml).Scalar();
  const auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::equal(text.begin(), text.end(), word.begin(), word.end(), same);
}

}  // namespace

Constraint::Constraint(std::string text, const Scenario& scenario) : text_(std::move(text)) {
  // muParser knows numbers only: a comparison of words becomes a variable, as long as what it replaces, so that
  // positions in messages stay right.
  static const std::regex comparison(R"re(([A-Za-z][\w.]*)\s*(==|!=)\s*"([^"]*)")re");
  static const std::regex assignment("(^|[^=<>!])=($|[^=])");
  std::string expression = text_;
  for (std::smatch found; std::regex_search(expression, found, comparison);) {
    std::string name = fmt::format("_{}", operands_.size());
    operands_.push_back(std::make_unique<Operand>(Operand{found.str(1), found.str(3), found.str(2) == "=="}));
    parser_.DefineVar(name, &operands_.back()->value);
    name.resize(static_cast<std::size_t>(found.length()), ' ');
    expression = found.prefix().str() + name + found.suffix().str();
  }
  if (expression.find('"') != std::string::npos) {
    throw InputError("a word stands on the right of == or !=, behind a key");
  }
  if (std::regex_search(expression, assignment)) throw InputError("\"=\" compares nothing; did you mean \"==\"?");
  try {
    parser_.DefineNameChars(kNameCharacters);
    parser_.SetExpr(expression);
    const mu::varmap_type used = parser_.GetUsedVar();  // a copy: DefineVar() empties it
    for (const auto& [name, known] : used) {
      if (known != nullptr) continue;
      operands_.push_back(std::make_unique<Operand>(Operand{name, {}}));
      parser_.DefineVar(name, &operands_.back()->value);
    }
    holds(scenario);
    if (parser_.GetNumResults() != 1) throw InputError("is more than one expression");
  } catch (const mu::Parser::exception_type& error) {
    throw InputError(error.GetMsg());
  }
}

bool Constraint::holds(const Scenario& scenario) {
  for (const auto& operand : operands_) {
    operand->value = operand->word ? same_word(text_of(scenario, operand->key), *operand->word) == operand->equal
                                   : number_of(scenario, operand->key);
  }
  const double value = parser_.Eval();
  return value != 0 && !std::isnan(value);
}

Constraints::Constraints(const std::vector<std::string>& texts, const Scenario& scenario) {
  for (const std::string& text : texts) constraints_.emplace_back(text, scenario);
}

std::optional<std::string> Constraints::broken_by(const Scenario& point) {
  for (Constraint& constraint : constraints_) {
    if (!constraint.holds(point)) return constraint.text();
  }
  return std::nullopt;
}

}  // namespace flexcim
