#include "platform/sweep/nsga2.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace flexcim {
namespace {

std::vector<std::size_t> sizes_of(const std::vector<Nsga2::Axis>& axes) {
  std::vector<std::size_t> sizes;
  sizes.reserve(axes.size());
  for (const Nsga2::Axis& axis : axes) sizes.push_back(axis.values);
  return sizes;
}

std::uint64_t product(const std::vector<std::size_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{1}, std::multiplies<>());
}

}  // namespace

Nsga2::Nsga2(std::vector<Axis> axes, const SampleSpec& sample)
    : axes_(std::move(axes)),
      sizes_(sizes_of(axes_)),
      sample_(sample),
      chance_(sample.seed),
      rest_(product(sizes_), sample.seed) {
  SampleSpec spread = sample;
  spread.kind = SampleKind::latin_hypercube;
  spread.points = std::min(sample.points, sample.population);
  const Sampling first = make_sampling(spread, sizes_);
  for (std::uint64_t point = 0; point < spread.points; ++point) add(first(point));
}

void Nsga2::tell(std::uint64_t point, const Costs& costs) {
  individuals_.at(point).costs = costs;
  if (--untold_ > 0) return;
  survive();
  generation_ = individuals_.size();
  breed();
}

/// Of two that have a rank.
bool Nsga2::better(std::size_t a, std::size_t b) const {
  const Individual &one = individuals_[a], &other = individuals_[b];
  if (one.rank != other.rank) return one.rank < other.rank;
  if (one.crowding != other.crowding) return one.crowding > other.crowding;
  return a < b;
}

bool Nsga2::dominates(std::size_t a, std::size_t b) const {
  const Costs &one = *individuals_[a].costs, &other = *individuals_[b].costs;
  if (one.empty() || other.empty()) return !one.empty() && other.empty();
  return flexcim::dominates(one, other);
}

/// The fast non-dominated sort (section III-A).
std::vector<Nsga2::Indices> Nsga2::fronts_of(const Indices& pool) {
  std::vector<Indices> dominated(pool.size());  // by each, as positions in the pool
  std::vector<std::size_t> dominators(pool.size());
  for (std::size_t a = 0; a < pool.size(); ++a) {
    for (std::size_t b = 0; b < pool.size(); ++b) {
      if (!dominates(pool[a], pool[b])) continue;
      dominated[a].push_back(b);
      ++dominators[b];
    }
  }
  Indices front, next;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    if (dominators[i] == 0) front.push_back(i);
  }
  std::vector<Indices> fronts;
  for (; !front.empty(); front.swap(next), next.clear()) {
    Indices& members = fronts.emplace_back();
    for (const std::size_t a : front) {
      individuals_[pool[a]].rank = fronts.size() - 1;
      members.push_back(pool[a]);
      for (const std::size_t b : dominated[a]) {
        if (--dominators[b] == 0) next.push_back(b);
      }
    }
  }
  return fronts;
}

/// Crowding distances of a front (section III-B).
void Nsga2::crowd(Indices front) {
  for (const std::size_t i : front) individuals_[i].crowding = 0;
  const std::size_t objectives = individuals_[front.front()].costs->size();
  for (std::size_t objective = 0; objective < objectives; ++objective) {
    const auto cost = [&](std::size_t i) { return (*individuals_[i].costs)[objective]; };
    std::stable_sort(front.begin(), front.end(), [&](std::size_t a, std::size_t b) { return cost(a) < cost(b); });
    const double span = cost(front.back()) - cost(front.front());
    for (const std::size_t end : {front.front(), front.back()}) {
      individuals_[end].crowding = std::numeric_limits<double>::infinity();
    }
    if (!(span > 0)) continue;
    for (std::size_t i = 1; i + 1 < front.size(); ++i) {
      individuals_[front[i]].crowding += (cost(front[i + 1]) - cost(front[i - 1])) / span;
    }
  }
}

/// The best of parents and children become parents.
void Nsga2::survive() {
  Indices pool = parents_;
  for (std::size_t i = generation_; i < individuals_.size(); ++i) pool.push_back(i);
  for (const Indices& front : fronts_of(pool)) crowd(front);
  std::sort(pool.begin(), pool.end(), [&](std::size_t a, std::size_t b) { return better(a, b); });
  pool.resize(std::min<std::size_t>(pool.size(), sample_.population));
  parents_ = std::move(pool);
}

void Nsga2::breed() {
  const std::uint64_t left = sample_.points - individuals_.size();
  for (std::uint64_t i = 0; i < std::min(left, sample_.population); ++i) add(child());
}

/// The point itself, or one near it that was not asked for.
void Nsga2::add(Coordinates genes) {
  constexpr int kSteps = 16;  // away from points that are known
  for (int step = 0; step < kSteps && seen_.count(grid_number(genes, sizes_)) != 0; ++step) {
    const std::size_t axis = chance_.below(axes_.size());
    genes[axis] = moved(axis, genes[axis]);
  }
  while (!seen_.insert(grid_number(genes, sizes_)).second) genes = grid_point(rest_(next_of_rest_++), sizes_);
  individuals_.push_back({std::move(genes), std::nullopt});
  ++untold_;
}

Coordinates Nsga2::child() {
  constexpr std::size_t kAlike = 10;  // one in so many children has one parent
  const Coordinates &a = at(tournament()), &b = at(tournament());
  Coordinates genes = a;
  if (!chance_.one_in(kAlike)) {
    for (std::size_t axis = 0; axis < axes_.size(); ++axis) genes[axis] = mixed(axis, a[axis], b[axis]);
  }
  for (std::size_t axis = 0; axis < axes_.size(); ++axis) {
    if (chance_.one_in(axes_.size())) genes[axis] = moved(axis, genes[axis]);
  }
  return genes;
}

std::size_t Nsga2::tournament() {
  const std::size_t a = parents_[chance_.below(parents_.size())], b = parents_[chance_.below(parents_.size())];
  return better(a, b) ? a : b;
}

/// Crossover: the value of one parent, or where there is an order, sometimes one between.
std::size_t Nsga2::mixed(std::size_t axis, std::size_t a, std::size_t b) {
  if (axes_[axis].ordered && chance_.one_in(2))
    return std::min(a, b) + chance_.below(std::max(a, b) - std::min(a, b) + 1);
  return chance_.one_in(2) ? a : b;
}

/// Mutation: another value; where there is an order, a step away, of one value as likely as of two, four, ...
std::size_t Nsga2::moved(std::size_t axis, std::size_t value) {
  const std::size_t last = axes_[axis].values - 1;
  if (last == 0) return value;
  if (axes_[axis].ordered) {
    std::size_t lengths = 0;
    while (last >> lengths != 0) ++lengths;
    const std::size_t step = std::size_t{1} << chance_.below(lengths);
    const bool up = value == 0 || (value < last && chance_.one_in(2));
    return up ? std::min(value + step, last) : value - std::min(value, step);
  }
  const std::size_t other = chance_.below(last);
  return other < value ? other : other + 1;
}

}  // namespace flexcim
