// Energy of a span of time as the sum of its parts, to the femtojoule.
#pragma once

#include "platform/energy/activity.h"
#include "platform/energy/energy_model.h"

#include <cstdint>

namespace flexcim {

/// What was counted in a span of time, from which parts are taken: layers, operators, phases. A part is priced by its
/// own counts, as if there were nothing else, and so is the rest: energies of the whole are sums of these, and none is
/// counted twice or lost.
class Account {
 public:
  /// `model` outlives it and all its parts. Throws NotFiniteError as EnergyModel::price() does.
  Account(const EnergyModel& model, const Activity& whole, std::int64_t elapsed_ps);

  /// Moves a part of what is left into an account of its own. Throws std::logic_error for a part that has more of
  /// anything than is left.
  Account part(const Activity& activity, std::int64_t elapsed_ps);
  /// The energy of a part that is not divided further.
  EnergyReport take(const Activity& activity, std::int64_t elapsed_ps) { return part(activity, elapsed_ps).rest(); }
  /// What is left.
  const Activity& left() const { return left_; }
  /// Its energy.
  EnergyReport rest() const;

 private:
  const EnergyModel* model_;
  Activity left_;
  std::int64_t left_ps_;
};

}  // namespace flexcim
