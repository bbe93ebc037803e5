#include "platform/sweep/point_source.h"

#include "platform/config/findings.h"
#include "platform/config/sweep_check.h"
#include "platform/results/point_metrics.h"
#include "platform/sweep/nsga2.h"
#include "platform/yaml/number.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <set>
#include <stdexcept>
#include <strings.h>

namespace flexcim {
namespace {

SweepPoint point_at(const SweepSpec& sweep, const Coordinates& at) {
  SweepPoint point;
  for (std::size_t axis = 0; axis < sweep.axes.size(); ++axis) {
    for (const CompareAxis& part : sweep.axes[axis].parts) {
      const CompareValue& value = part.values.at(at.at(axis));
      point.values.push_back(value.name);
      point.changes.insert(point.changes.end(), value.changes.begin(), value.changes.end());
    }
  }
  return point;
}

void require_ready(std::uint64_t index, std::uint64_t ready) {
  if (index >= ready) throw std::out_of_range(fmt::format("point {} of {}", index, ready));
}

class Sample : public PointSource {
 public:
  explicit Sample(const SweepSpec& sweep) : sweep_(sweep), sampling_(make_sampling(sweep.sample, sizes_of(sweep))) {}

  std::uint64_t size() const override {
    return sweep_.sample.kind == SampleKind::grid ? sweep_.grid_size() : sweep_.sample.points;
  }
  std::uint64_t ready() const override { return size(); }
  SweepPoint at(std::uint64_t index) const override {
    require_ready(index, size());
    return point_at(sweep_, sampling_(index));
  }
  void tell(std::uint64_t, const std::vector<double>&) override {}

 private:
  static std::vector<std::size_t> sizes_of(const SweepSpec& sweep) {
    std::vector<std::size_t> sizes;
    for (const SweepAxis& axis : sweep.axes) sizes.push_back(axis.size());
    return sizes;
  }

  SweepSpec sweep_;
  Sampling sampling_;
};

/// Numbers are listed in an order that means something, words are not.
bool ordered(const SweepAxis& axis) {
  return std::any_of(axis.parts.begin(), axis.parts.end(), [](const CompareAxis& part) {
    return std::all_of(part.values.begin(), part.values.end(),
                       [](const CompareValue& value) { return is_number(value.name); });
  });
}

class Search : public PointSource {
 public:
  explicit Search(const SweepSpec& sweep) : sweep_(sweep), search_(axes_of(sweep), sweep.sample) {}

  std::uint64_t size() const override { return sweep_.sample.points; }
  std::uint64_t ready() const override { return search_.ready(); }
  SweepPoint at(std::uint64_t index) const override {
    require_ready(index, ready());
    return point_at(sweep_, search_.at(index));
  }
  void tell(std::uint64_t index, const std::vector<double>& objectives) override {
    const bool nothing = objectives.empty() || std::any_of(objectives.begin(), objectives.end(),
                                                           [](double value) { return std::isnan(value); });
    search_.tell(index, nothing ? Costs() : costs_of(sweep_.objectives, objectives));
  }

 private:
  static std::vector<Nsga2::Axis> axes_of(const SweepSpec& sweep) {
    std::vector<Nsga2::Axis> axes;
    for (const SweepAxis& axis : sweep.axes) axes.push_back({axis.size(), ordered(axis)});
    return axes;
  }

  SweepSpec sweep_;
  Nsga2 search_;
};

/// What is said in words that only results know: metrics, and columns that are there anyway.
void check_words(const Scenario& scenario) {
  Findings findings;
  std::vector<std::string> metrics;
  for (const auto& metric : point_metrics()) metrics.emplace_back(metric.name);
  const SweepSpec& sweep = *scenario.sweep;
  std::set<std::string> wanted;
  for (std::size_t i = 0; i < sweep.objectives.size(); ++i) {
    const auto& [metric, maximize] = sweep.objectives[i];
    const std::string place =
        scenario.place(fmt::format("sweep.objectives.{}.{}", i, maximize ? "maximize" : "minimize"));
    if (!metric_index(metric)) {
      findings.add(place, fmt::format("there is no metric \"{}\"; did you mean \"{}\"? Metrics: {}", metric,
                                      nearest(metric, metrics), fmt::join(metrics, ", ")));
    }
    if (!wanted.insert(metric).second) findings.add(place, fmt::format("another objective is {}", metric));
  }
  metrics.insert(metrics.end(), {"point", "status", "reason"});
  const std::vector<std::string> columns = column_names(sweep);
  for (const std::string& column : columns) {
    const auto same = [&](const std::string& other) { return strcasecmp(other.c_str(), column.c_str()) == 0; };
    if (std::none_of(metrics.begin(), metrics.end(), same)) continue;  // SQLite's names are the same in capitals
    findings.add(scenario.place("sweep.axes"),
                 fmt::format("\"{}\" is a column of every sweep; an axis needs another name", column));
  }
  findings.finish();
}

}  // namespace

std::vector<std::string> column_names(const SweepSpec& sweep) {
  std::vector<std::string> names;
  for (const SweepAxis& axis : sweep.axes) {
    for (const CompareAxis& part : axis.parts) names.push_back(part.name);
  }
  return names;
}

std::unique_ptr<PointSource> make_point_source(const Scenario& scenario) {
  check_words(scenario);
  check_axis_values(scenario);
  const SweepSpec& sweep = *scenario.sweep;
  if (sweep.sample.kind == SampleKind::search) return std::make_unique<Search>(sweep);
  return std::make_unique<Sample>(sweep);
}

}  // namespace flexcim
