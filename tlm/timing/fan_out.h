// Several listeners in the place of one.
#pragma once

#include <algorithm>
#include <vector>

namespace flexcim {

/// Hands on what it hears, in the order in which listeners were added; who derives from it says how.
template <class Listener>
class FanOut : public Listener {
 public:
  /// `listener` outlives it. Returns who is to hear now: where there is only one, that one itself.
  Listener* add(Listener& listener) {
    listeners_.push_back(&listener);
    return listeners_.size() == 1 ? &listener : this;
  }

 protected:
  /// The least of what they say.
  template <class Ask>
  auto least(const Ask& ask) const {
    auto least = ask(*listeners_.front());
    for (const Listener* each : listeners_) least = std::min(least, ask(*each));
    return least;
  }

  std::vector<Listener*> listeners_;
};

}  // namespace flexcim
