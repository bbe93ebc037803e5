// Everything that is wrong, told at once.
#pragma once

#include "flow/base/error.h"

#include <fmt/format.h>
#include <string>
#include <vector>

namespace flexcim {

/// Goes on after a failed check, so that one message tells everything.
class Findings {
 public:
  /// Runs `body`. Keeps the text of an InputError that it throws, with `place` (a file, line and key) in front where
  /// there is one.
  template <class Body>
  void check(const std::string& place, const Body& body) {
    try {
      body();
    } catch (const InputError& error) {
      add(place, error.what());
    }
  }
  void add(const std::string& place, const std::string& text) {
    texts_.push_back(place + (place.empty() ? "" : ": ") + text);
  }
  /// Throws one InputError with all of them, a line each, if there are any.
  void finish() const {
    if (!texts_.empty()) throw InputError(fmt::format("{}", fmt::join(texts_, "\n")));
  }

 private:
  std::vector<std::string> texts_;
};

}  // namespace flexcim
