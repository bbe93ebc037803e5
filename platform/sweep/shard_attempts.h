// Which shards of a sweep somebody has to work on, when those who do may die unseen.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

namespace flexcim {

/// What the file of a shard says.
struct ShardState {
  std::uint64_t rows = 0;
  bool complete = false;
};

/// A shard is tried again as long as it gets on: it is given up after so many attempts in a row without a new row.
class ShardAttempts {
 public:
  static constexpr int kInARow = 3;

  explicit ShardAttempts(std::uint64_t shards) : shards_(shards) {}

  /// Those that somebody has to begin now: neither complete, nor `busy`, nor given up.
  std::vector<std::uint64_t> to_begin(const std::vector<ShardState>& states, const std::set<std::uint64_t>& busy);
  /// Somebody has.
  void begun(const std::vector<std::uint64_t>& shards);
  const std::set<std::uint64_t>& given_up() const { return given_up_; }

 private:
  struct Shard {
    int attempts = 0;  ///< since the last new row
    std::uint64_t rows = 0;
  };
  std::vector<Shard> shards_;
  std::set<std::uint64_t> given_up_;
};

}  // namespace flexcim
