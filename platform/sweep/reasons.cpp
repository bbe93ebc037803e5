#include "platform/sweep/reasons.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr const char* kDigits = "0123456789";
constexpr const char* kDiffers = "…";

/// "gemm 256 x 512": {"gemm ", " x ", ""} and {"256", "512"}.
struct Parts {
  std::vector<std::string> texts;  ///< one more than numbers
  std::vector<std::string> numbers;
};

Parts parts_of(const std::string& reason) {
  Parts parts;
  std::size_t at = 0;
  for (std::size_t begin; (begin = reason.find_first_of(kDigits, at)) != std::string::npos;) {
    parts.texts.push_back(reason.substr(at, begin - at));
    at = std::min(reason.find_first_not_of(kDigits, begin), reason.size());
    parts.numbers.push_back(reason.substr(begin, at - begin));
  }
  parts.texts.push_back(reason.substr(at));
  return parts;
}

}  // namespace

void ReasonGroups::add(PointStatus status, const std::string& reason, std::uint64_t points) {
  Parts parts = parts_of(reason);
  Group& group = groups_[{status, std::move(parts.texts)}];
  if (group.points == 0) group.numbers = parts.numbers;
  for (std::size_t i = 0; i < parts.numbers.size(); ++i) {
    if (group.numbers[i] != parts.numbers[i]) group.numbers[i] = kDiffers;
  }
  group.points += points;
}

std::vector<ReasonCount> ReasonGroups::commonest(std::size_t most) const {
  std::vector<ReasonCount> counts;
  for (const auto& [key, group] : groups_) {
    const auto& [status, texts] = key;
    std::string reason = texts.front();
    for (std::size_t i = 0; i < group.numbers.size(); ++i) reason += group.numbers[i] + texts[i + 1];
    counts.push_back({status, std::move(reason), group.points});
  }
  std::stable_sort(counts.begin(), counts.end(),
                   [](const ReasonCount& a, const ReasonCount& b) { return a.points > b.points; });
  if (counts.size() > most) counts.resize(most);
  return counts;
}

}  // namespace flexcim
