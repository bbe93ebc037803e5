// Which points no other one is better than, and how much they are worth together.
#pragma once

#include "platform/config/sweep_spec.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// A number for every objective; less is better.
using Costs = std::vector<double>;

/// Values of the objectives' metrics as costs: those of which the most is best are negated.
Costs costs_of(const std::vector<Objective>& objectives, const std::vector<double>& values);

/// Whether `a` is nowhere worse than `b`, and somewhere better. Both have as many costs.
bool dominates(const Costs& a, const Costs& b);

/// The points that none dominates, of those that were added. Equal ones are kept side by side.
class ParetoFront {
 public:
  struct Member {
    std::uint64_t point;
    Costs costs;
  };
  /// Whether it is on the front now; those that it dominates no longer are.
  bool add(std::uint64_t point, const Costs& costs);
  const std::vector<Member>& members() const { return members_; }  ///< in the order in which they were added

 private:
  std::vector<Member> members_;
};

/// The volume that is dominated by the members and dominates `reference`: slice by slice along the last objective
/// (While, Hingston, Barone, Huband, IEEE Trans. Evol. Comput. 2006). The time grows as the number of members to the
/// power of the objectives.
double hypervolume(const std::vector<ParetoFront::Member>& members, const Costs& reference);

}  // namespace flexcim
