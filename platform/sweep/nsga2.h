// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE Trans. Evol. Comput. 2002) on whole numbers: a search for points that
// no other one is better than.
#pragma once

#include "platform/sweep/pareto.h"
#include "platform/sweep/sampling.h"
#include "platform/sweep/shuffle.h"

#include <optional>
#include <set>
#include <vector>

namespace flexcim {

/// Chance that follows from a seed and how much of it was drawn.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : seed_(seed) {}
  std::size_t below(std::size_t size) { return share_of(scatter(seed_, drawn_++), size); }  ///< 0 ... size - 1
  bool one_in(std::size_t cases) { return below(cases) == 0; }

 private:
  std::uint64_t seed_;
  std::uint64_t drawn_ = 0;
};

class Nsga2 {
 public:
  struct Axis {
    std::size_t values = 1;
    bool ordered = false;  ///< neighbours are alike: it moves by steps, others jump
  };
  /// `sample`: points (at most as many as the axes have), population and seed.
  Nsga2(std::vector<Axis> axes, const SampleSpec& sample);

  /// Points that are known: all generations but the last one have been told in full. None comes twice.
  std::uint64_t ready() const { return individuals_.size(); }
  /// point < ready()
  const Coordinates& at(std::uint64_t point) const { return individuals_.at(point).genes; }
  /// What came out of a point that is ready, once each, in any order; empty where nothing did: worse than any costs.
  void tell(std::uint64_t point, const Costs& costs);

 private:
  struct Individual {
    Coordinates genes;
    std::optional<Costs> costs;
    std::size_t rank = 0;  ///< front that it is in, the best is 0
    double crowding = 0;   ///< room that neighbours on its front leave it
  };
  using Indices = std::vector<std::size_t>;

  bool better(std::size_t a, std::size_t b) const;
  bool dominates(std::size_t a, std::size_t b) const;
  std::vector<Indices> fronts_of(const Indices& pool);
  void crowd(Indices front);
  void survive();
  void breed();
  void add(Coordinates genes);
  Coordinates child();
  std::size_t tournament();
  std::size_t mixed(std::size_t axis, std::size_t a, std::size_t b);
  std::size_t moved(std::size_t axis, std::size_t value);

  std::vector<Axis> axes_;
  std::vector<std::size_t> sizes_;
  SampleSpec sample_;
  Chance chance_;
  Shuffle rest_;  ///< order in which points are taken that nothing speaks for
  std::uint64_t next_of_rest_ = 0;
  std::vector<Individual> individuals_;
  std::set<std::uint64_t> seen_;  ///< numbers in the grid
  Indices parents_;
  std::size_t generation_ = 0;  ///< first individual of the last generation
  std::size_t untold_ = 0;
};

}  // namespace flexcim
