// Why points have no figures, in few lines.
#pragma once

#include "platform/sweep/point_result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

struct ReasonCount {
  PointStatus status;
  std::string reason;  ///< of all of them: numbers that differ are "…"
  std::uint64_t points;
};

/// Reasons that differ in nothing but numbers, which are those of their points, count as one.
class ReasonGroups {
 public:
  void add(PointStatus status, const std::string& reason, std::uint64_t points);
  /// The first `most` of them, the commonest first.
  std::vector<ReasonCount> commonest(std::size_t most) const;

 private:
  struct Group {
    std::vector<std::string> numbers;  ///< that stand between the texts of its key; "…" where they differ
    std::uint64_t points = 0;
  };
  std::map<std::pair<PointStatus, std::vector<std::string>>, Group> groups_;
};

}  // namespace flexcim
