// The pruners of a model.
#pragma once

#include "flow/pack/prune_model.h"

#include <map>
#include <memory>
#include <string>
#include <utility>

namespace flexcim {

/// One Pruner per pattern: making one can cost more than pruning a small linear. Keeps a reference to the rules.
class Pruners {
 public:
  explicit Pruners(const ModelPruning& pruning) : pruning_(pruning) {}
  /// Makes all that the model needs. Throws InputError, naming the linear, for rules that Pruner refuses.
  Pruners(const LanguageModel& model, const ModelPruning& pruning) : Pruners(pruning) {
    for (std::size_t i = 0; i < model.linears().size(); ++i) get(pruning.patterns.at(i), model.linears()[i].name);
  }

  /// `where` is for messages, as for Pruner.
  const Pruner& get(Pattern pattern, const std::string& where) {
    std::unique_ptr<Pruner>& slot = made_[{pattern.n, pattern.m}];
    if (!slot) {
      slot = std::make_unique<Pruner>(
          PruneRule{pattern, policy_for(pruning_, pattern), pruning_.window, pruning_.shared_rows}, where);
    }
    return *slot;
  }

 private:
  const ModelPruning& pruning_;
  std::map<std::pair<int, int>, std::unique_ptr<Pruner>> made_;
};

}  // namespace flexcim
