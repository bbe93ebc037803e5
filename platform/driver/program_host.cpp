#include "platform/driver/program_host.h"

#include <algorithm>

namespace flexcim {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kLongestAccess = 64;  // a cache line: longer copies are several accesses

}  // namespace

std::uint32_t ProgramHost::read32(std::uint64_t address) {
  std::uint32_t value = 0;
  access(false, address, &value, sizeof value);
  return value;
}

void ProgramHost::write32(std::uint64_t address, std::uint32_t value) { access(true, address, &value, sizeof value); }

void ProgramHost::read(std::uint64_t address, void* data, std::size_t bytes) {
  auto* to = static_cast<std::uint8_t*>(data);
  for (std::size_t at = 0; at < bytes; at += kLongestAccess) {
    access(false, address + at, to + at, std::min(kLongestAccess, bytes - at));
  }
}

void ProgramHost::write(std::uint64_t address, const void* data, std::size_t bytes) {
  auto* from = static_cast<std::uint8_t*>(const_cast<void*>(data));  // a write leaves the data as it is
  for (std::size_t at = 0; at < bytes; at += kLongestAccess) {
    access(true, address + at, from + at, std::min(kLongestAccess, bytes - at));
  }
}

void ProgramHost::stream(bool write, std::uint64_t address, std::uint64_t bytes) {
  for (const std::uint64_t end = address + bytes; address < end;) {
    const std::uint64_t count = std::min(kStreamBytes - address % kStreamBytes, end - address);
    transfer_stream(write, address, count);
    counts_.bus_bytes += count;
    pass(0);
    address += count;
  }
}

void ProgramHost::access(bool write, std::uint64_t address, void* data, std::size_t bytes) {
  counts_.instructions += (bytes + kWord - 1) / kWord;
  counts_.bus_bytes += bytes;
  if (transfer(write, address, data, bytes)) (write ? counts_.memory_writes : counts_.memory_reads) += bytes;
  pass(0);
}

}  // namespace flexcim
