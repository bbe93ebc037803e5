#include "platform/program/host_memory.h"

#include <algorithm>
#include <stdexcept>

namespace flexcim {
namespace {

std::uint64_t row_bytes(StorageType type, int values) {
  return stored_bytes(type, {1, static_cast<std::uint64_t>(values)});
}

}  // namespace

HostMemory::Region HostMemory::reserve(MemoryImage& memory, const char* name, std::uint64_t bytes) {
  return {memory.reserve(name, bytes), bytes, 0};
}

HostMemory::HostMemory(MemoryImage& memory, const LanguageModel& model, const HostStorage& storage,
                       std::uint64_t tokens, Shares shares)
    : token_bytes_(shares.cache ? stored_bytes(storage.cache, model.sequence_memory().cache)
                                : stored_bytes(StorageType::int8, {model.sequence_memory().cache.rows, 0})),
      queries_(shares.cache ? static_cast<std::uint64_t>(storage.queries) : 1),
      embedding_bytes_(row_bytes(storage.embedding, model.hidden())),
      head_bytes_(row_bytes(storage.head, model.hidden())) {
  const auto vocabulary = static_cast<std::uint64_t>(model.vocabulary());
  embedding_ = reserve(memory, "the token embedding", vocabulary * embedding_bytes_);
  if (shares.head) head_ = reserve(memory, "the output head", vocabulary * head_bytes_);
  for (int block = 0; block < model.blocks(); ++block) {
    caches_.push_back(reserve(memory,
                              shares.cache ? "keys and values of a block" : "scales of keys and values of a block",
                              tokens * token_bytes_));
    states_.push_back(reserve(memory, "the state of a block", model.sequence_memory().state * kStateBytes));
  }
}

/// Up to the region's end, and then again from its beginning, so that the last byte read is its last.
void HostMemory::read(std::vector<MemorySpan>& spans, const Region& region, std::uint64_t bytes) {
  const std::uint64_t first = bytes % region.bytes;
  if (first > 0) spans.push_back({false, region.address + region.bytes - first, first});
  for (std::uint64_t left = bytes - first; left > 0; left -= region.bytes) {
    spans.push_back({false, region.address, region.bytes});
  }
}

void HostMemory::add_cache(std::vector<MemorySpan>& spans, Region& cache, const MemoryUse& use) const {
  const std::uint64_t added = use.written * token_bytes_;
  if (added > cache.bytes - cache.at) throw std::logic_error("a sequence is longer than its key/value cache");
  if (added > 0) spans.push_back({true, cache.address + cache.at, added});
  cache.at += added;
  if (use.read == 0) return;
  if (cache.at == 0) throw std::logic_error("a key/value cache is read whose size the model has not told");
  read(spans, {cache.address, cache.at, 0}, cache_reads(use.read, use.written, queries_) * token_bytes_);
}

std::vector<MemorySpan> HostMemory::spans(OperatorClass operators, int block, const MemoryUse& use) {
  std::vector<MemorySpan> spans;
  const auto state = [&](bool end) {
    const Region& all = states_[static_cast<std::size_t>(block)];
    for (const auto& [write, values] : {std::pair{false, use.read}, {true, use.written}}) {
      const std::uint64_t bytes = values * kStateBytes;
      if (bytes > 0) spans.push_back({write, all.address + (end ? all.bytes - bytes : 0), bytes});
    }
  };
  switch (operators) {
    case OperatorClass::embedding:
      for (std::uint64_t row = 0; row < use.read; ++row) {
        spans.push_back({false, embedding_.address + embedding_.at, embedding_bytes_});
        embedding_.at = (embedding_.at + embedding_bytes_) % embedding_.bytes;
      }
      break;
    case OperatorClass::head:
      if (use.read > 0) read(spans, head_, use.read * head_bytes_);
      break;
    case OperatorClass::attention:
      add_cache(spans, caches_[static_cast<std::size_t>(block)], use);
      break;
    case OperatorClass::convolution:
      state(false);
      break;
    case OperatorClass::scan:
      state(true);
      break;
    default:
      break;
  }
  return spans;
}

}  // namespace flexcim
