#include "flow/base/content_hash.h"

#include "flow/base/mapped_file.h"
#include "flow/base/parallel.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <vector>

namespace flexcim {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kBlock = kLanes * sizeof(std::uint64_t);
constexpr std::size_t kPiece = std::size_t{16} << 20;                           // of a file
constexpr std::uint64_t kFirst = 0x9E3779B97F4A7C15;                            // 2^64 over the golden ratio
constexpr std::uint64_t kFactor = 0xD1342543DE82EF95;                           // odd: multiplication loses nothing
constexpr std::uint64_t kFactors[] = {0xBF58476D1CE4E5B9, 0x94D049BB133111EB};  // Steele and others, SplitMix64

/// A permutation of all numbers, so that what differs stays different.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 30) * kFactors[0];
  x = (x ^ x >> 27) * kFactors[1];
  return x ^ x >> 31;
}

}  // namespace

std::uint64_t content_hash(const void* data, std::size_t bytes, std::uint64_t before) {
  const auto* next = static_cast<const unsigned char*>(data);
  std::uint64_t lanes[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) lanes[i] = mixed(before + kFirst * (i + 1));
  const auto add = [&lanes](const unsigned char* block) {
    std::uint64_t words[kLanes];
    std::memcpy(words, block, kBlock);
    // The high bits come down before the next multiplication takes them up and away.
    for (std::size_t i = 0; i < kLanes; ++i) {
      const std::uint64_t product = (lanes[i] ^ words[i]) * kFactor;
      lanes[i] = product ^ product >> 32;
    }
  };
  std::size_t rest = bytes;
  for (; rest >= kBlock; rest -= kBlock, next += kBlock) add(next);
  unsigned char last[kBlock] = {};
  if (rest > 0) std::memcpy(last, next, rest);
  if (rest > 0) add(last);
  std::uint64_t hash = mixed(before ^ bytes);
  for (const std::uint64_t lane : lanes) hash = mixed(hash * kFactor ^ mixed(lane));
  return hash;
}

std::uint64_t content_hash(const MappedFile& file) {
  std::vector<std::uint64_t> pieces((file.size() + kPiece - 1) / kPiece);
  parallel_for(0, pieces.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::byte* first = file.data() + i * kPiece;
      const std::size_t bytes = std::min(kPiece, file.size() - i * kPiece);
      pieces[i] = content_hash(first, bytes);
      file.release(first, bytes);
    }
  });
  return content_hash(pieces.data(), pieces.size() * sizeof(std::uint64_t), file.size());
}

std::string hash_text(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

}  // namespace flexcim
