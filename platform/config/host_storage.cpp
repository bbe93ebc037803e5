#include "platform/config/host_storage.h"

namespace flexcim {

std::string_view to_string(StorageType type) { return type == StorageType::int8 ? "int8" : "fp16"; }

std::string_view to_string(HeadPlace place) { return place == HeadPlace::host ? "host" : "accelerator"; }

std::string_view to_string(AttentionPlace place) { return place == AttentionPlace::host ? "host" : "accelerator"; }

std::string_view to_string(DriverMode mode) { return mode == DriverMode::serial ? "serial" : "queued"; }

std::uint64_t stored_bytes(StorageType type, const MemoryRows& rows) {
  constexpr std::uint64_t scale = 4;
  return rows.rows * (type == StorageType::int8 ? rows.values + scale : 2 * rows.values);
}

std::uint64_t cache_reads(std::uint64_t seen, std::uint64_t tokens, std::uint64_t queries) {
  const std::uint64_t groups = (tokens + queries - 1) / queries;
  if (groups >= tokens) return seen;
  return seen / tokens * groups + (seen % tokens * groups + tokens - 1) / tokens;
}

}  // namespace flexcim
