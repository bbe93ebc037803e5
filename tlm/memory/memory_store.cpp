#include "tlm/memory/memory_store.h"

#include "flow/base/error.h"

#include <fmt/format.h>
#include <sys/mman.h>

namespace flexcim {

MemoryStore::MemoryStore(std::uint64_t bytes) : size_(bytes) {
  void* mapped = bytes == 0
                     ? MAP_FAILED
                     : mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    throw InputError(fmt::format("a simulated memory of {} bytes does not fit this machine", bytes));
  data_ = static_cast<std::uint8_t*>(mapped);
  madvise(mapped, bytes, MADV_HUGEPAGE);  // streams of weights go through many pages; a hint, no more
}

MemoryStore::~MemoryStore() { munmap(data_, size_); }

}  // namespace flexcim
