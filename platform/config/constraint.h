// Expressions over the keys of a scenario that hold or do not (docs/sweeps.md).
#pragma once

#include "platform/config/scenario.h"

#include <memory>
#include <muParser.h>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// An expression as muParser reads it, in which a key ("architecture.window") stands for its number, true and false for
/// 1 and 0. Words are compared with == or != only, with text in double quotes on the other side, without regard to
/// case; the word of a map is its name. Any number but 0 means that it holds.
class Constraint {
 public:
  /// Throws InputError for what is no expression, or for a key that there is not.
  Constraint(std::string text, const Scenario& scenario);
  Constraint(Constraint&&) = default;
  const std::string& text() const { return text_; }
  /// Throws InputError where `scenario` has no such key, or a value that is no number.
  bool holds(const Scenario& scenario);

 private:
  struct Operand {
    std::string key;
    std::optional<std::string> word;  ///< that it is compared with
    bool equal = true;                ///< it shall be that word
    double value = 0;                 ///< that the expression has of it
  };

  std::string text_;
  std::vector<std::unique_ptr<Operand>> operands_;  ///< muParser keeps pointers to their values
  mu::Parser parser_;
};

/// Those of a sweep.
class Constraints {
 public:
  /// As Constraint().
  Constraints(const std::vector<std::string>& texts, const Scenario& scenario);
  /// The first one that does not hold for the scenario of a point. Throws InputError as Constraint::holds().
  std::optional<std::string> broken_by(const Scenario& point);

 private:
  std::vector<Constraint> constraints_;
};

}  // namespace flexcim
