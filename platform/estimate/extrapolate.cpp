#include "platform/estimate/extrapolate.h"

#include <algorithm>

namespace flexcim {
namespace {

/// `to` and what `more` further parts add, if the last `parts` added what `from` lacks.
CommandCounts continued(const CommandCounts& from, const CommandCounts& to, int parts, int more) {
  CommandCounts result = to;
  for (const auto& count : StatisticList<CommandCounts>::list) {
    const auto added = static_cast<std::int64_t>(count.of(to) - count.of(from));
    count.at(result) += static_cast<std::uint64_t>(added * more / parts);
  }
  return result;
}

}  // namespace

CommandCounts extrapolate(int n, int first, Cycle enough, const std::function<CommandCounts(int)>& at) {
  if (first + 1 >= n) return at(n);
  const CommandCounts a = at(first), b = at(first + 1);
  const Cycle part = std::max<Cycle>(b.cycles - a.cycles, 1);
  if (part >= enough) return continued(a, b, 1, n - first - 1);
  const Cycle wanted = (enough + part - 1) / part;
  if (static_cast<Cycle>(n - first - 1) <= wanted) return at(n);
  const int parts = static_cast<int>(wanted), last = first + 1 + parts;
  return continued(b, at(last), parts, n - last);
}

}  // namespace flexcim
