// Where the host's data of a generation lie in DRAM, and which of them an operator moves.
#pragma once

#include "flow/model/language_model.h"
#include "platform/config/host_storage.h"
#include "platform/workload/memory_image.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Bytes that follow each other.
struct MemorySpan {
  bool write = false;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

/// Key/value cache or state of every block, token embedding, output head. Only sizes and places count: no bytes are
/// kept here. Which tokens are read is not known in an estimate, so embeddings are taken one row after the other.
class HostMemory {
 public:
  /// What is the host's beside token embedding and state.
  struct Shares {
    bool head = true;   ///< the output head
    bool cache = true;  ///< keys and values; without them there are their scales
  };

  /// Reserves room behind all else in `memory`, for a sequence of up to `tokens`.
  HostMemory(MemoryImage& memory, const LanguageModel& model, const HostStorage& storage, std::uint64_t tokens,
             Shares shares);

  /// What an operator of `block` moves, in this order: what it adds to the cache first. A part of the cache is its end;
  /// what is more than the cache holds begins anew. To be called once for each.
  std::vector<MemorySpan> spans(OperatorClass operators, int block, const MemoryUse& use);

 private:
  /// Bytes of one kind. `at`: of a cache its end so far, of the embedding where the next row is read.
  struct Region {
    std::uint64_t address = 0, bytes = 0, at = 0;
  };

  static void read(std::vector<MemorySpan>& spans, const Region& region, std::uint64_t bytes);
  static Region reserve(MemoryImage& memory, const char* name, std::uint64_t bytes);
  void add_cache(std::vector<MemorySpan>& spans, Region& cache, const MemoryUse& use) const;

  const std::uint64_t token_bytes_;                   ///< of a token in the cache of a block
  const std::uint64_t queries_;                       ///< tokens that read a cache together
  const std::uint64_t embedding_bytes_, head_bytes_;  ///< of a row
  Region embedding_, head_;
  std::vector<Region> caches_, states_;  ///< by block
};

}  // namespace flexcim
