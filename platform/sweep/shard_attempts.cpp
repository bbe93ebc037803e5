#include "platform/sweep/shard_attempts.h"

namespace flexcim {

std::vector<std::uint64_t> ShardAttempts::to_begin(const std::vector<ShardState>& states,
                                                   const std::set<std::uint64_t>& busy) {
  std::vector<std::uint64_t> wanted;
  given_up_.clear();
  for (std::uint64_t i = 0; i < shards_.size(); ++i) {
    Shard& shard = shards_[i];
    if (states[i].rows > shard.rows) shard = {0, states[i].rows};
    if (states[i].complete || busy.count(i) > 0) continue;
    if (shard.attempts < kInARow) {
      wanted.push_back(i);
    } else {
      given_up_.insert(i);
    }
  }
  return wanted;
}

void ShardAttempts::begun(const std::vector<std::uint64_t>& shards) {
  for (const std::uint64_t shard : shards) ++shards_[shard].attempts;
}

}  // namespace flexcim
