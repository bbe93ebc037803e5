// What tells a sweep from others, and parts of it from each other.
#pragma once

#include "platform/config/scenario.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// A part of a sweep that is run by itself: every `count`th point from `index` on.
struct Shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;

  bool has(std::uint64_t point) const { return point % count == index; }
  /// How many of the first `points` points are its own.
  std::uint64_t points_of(std::uint64_t points) const { return points / count + (points % count > index ? 1 : 0); }
  bool whole() const { return count == 1; }
  std::string text() const;       ///< "1/4"
  std::string file_name() const;  ///< of its database: sweep.sqlite of the whole, shard-1-of-4.sqlite
};

/// "1/4": index and count. Throws InputError that says what is expected.
Shard parse_shard(const std::string& text);

struct SweepIdentity {
  std::string name;      ///< of the scenario
  std::string version;   ///< of the program
  std::string hash;      ///< of version, scenario and the files that it and the values of its axes name
  std::string scenario;  ///< effective configuration, as YAML
  std::uint64_t points = 0;
  std::vector<std::string> columns;  ///< names of the axes, one by one
  std::vector<Objective> objectives;
};

/// `scenario` has a sweep of `points` points.
SweepIdentity identity_of(const Scenario& scenario, std::uint64_t points, const std::string& version);

}  // namespace flexcim
