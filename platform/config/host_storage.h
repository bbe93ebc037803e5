// How the values that the host's operators read and write lie in memory (docs/generate.md).
#pragma once

#include "flow/model/model_memory.h"

#include <cstdint>
#include <string_view>

namespace flexcim {

/// Where the products of the output head are formed.
enum class HeadPlace {
  host,        ///< in float
  accelerator  ///< one more linear, dense and int8
};
std::string_view to_string(HeadPlace place);

/// Where queries are multiplied with keys, and the weights of these with values.
enum class AttentionPlace {
  host,        ///< in float
  accelerator  ///< in int8, as dense linears that grow token by token
};
std::string_view to_string(AttentionPlace place);

/// When the host gives the accelerator its commands.
enum class DriverMode {
  serial,  ///< one at a time, and sleeps until it has ended
  queued   ///< those of linears that read the same input at once, and works on while they run
};
std::string_view to_string(DriverMode mode);

enum class StorageType {
  fp16,  ///< two bytes a value
  int8   ///< a byte a value, and a scale of four a row
};
std::string_view to_string(StorageType type);

std::uint64_t stored_bytes(StorageType type, const MemoryRows& rows);

/// A value of the convolution's and the scan's state.
constexpr std::uint64_t kStateBytes = 4;

/// What storage costs, not what it rounds: the host computes with the model's own values.
struct HostStorage {
  static constexpr int most_queries = 1024;

  StorageType cache = StorageType::fp16;      ///< keys and values; a row is a head's of one token
  StorageType embedding = StorageType::fp16;  ///< a row is a token's
  StorageType head = StorageType::fp16;       ///< a row is a token's
  int queries = 1;                            ///< tokens of a pass that read keys and values together
};

/// Tokens whose keys and values are read where `seen` are seen by `tokens` new ones of a pass in all, and `queries`
/// neighbours read together what one of them sees on average; rounded up.
std::uint64_t cache_reads(std::uint64_t seen, std::uint64_t tokens, std::uint64_t queries);

}  // namespace flexcim
