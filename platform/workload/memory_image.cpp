#include "platform/workload/memory_image.h"

#include "flow/base/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace flexcim {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

std::string MemoryImage::text(const Segments::value_type& segment) {
  return fmt::format("{} ({} bytes at {:#x})", segment.second.name, segment.second.bytes, segment.first);
}

std::uint64_t MemoryImage::append(const std::string& name, MappedVector<std::uint8_t> data) {
  const std::uint64_t bytes = data.size();
  return add(next_page(), {name, bytes, std::move(data)});
}

std::uint64_t MemoryImage::reserve(const std::string& name, std::uint64_t bytes) {
  return add(next_page(), {name, bytes, {}});
}

void MemoryImage::place(const std::string& name, std::uint64_t address, std::vector<std::uint8_t> data) {
  const std::uint64_t bytes = data.size();
  add(address, {name, bytes, std::move(data)});
}

std::uint64_t MemoryImage::add(std::uint64_t address, Segment segment) {
  if (segment.bytes == 0) return address;
  Segments::value_type added(address, std::move(segment));
  const std::uint64_t last = address + (added.second.bytes - 1);
  if (address < base_ || last < address || last > UINT64_MAX - kPage) {
    throw InputError(fmt::format("{} lies outside of the memory at {:#x}", text(added), base_));
  }
  const auto after = segments_.lower_bound(address);
  const auto require_apart = [&](const Segments::value_type& first, const Segments::value_type& second) {
    if (second.first - first.first >= first.second.bytes) return;
    throw InputError(fmt::format("{} and {} overlap", text(first), text(second)));
  };
  if (after != segments_.begin()) require_apart(*std::prev(after), added);
  if (after != segments_.end()) require_apart(added, *after);
  segments_.insert(after, std::move(added));
  return address;
}

std::uint64_t MemoryImage::bytes() const {
  if (segments_.empty()) return 0;
  const auto& [address, segment] = *segments_.rbegin();
  return (address - base_ + segment.bytes + kPage - 1) / kPage * kPage;
}

void MemoryImage::require_inside(std::uint64_t size) const {
  for (const auto& segment : segments_) {
    if (segment.first - base_ + segment.second.bytes > size) {
      throw InputError(fmt::format("{} ends behind the memory of {} bytes at {:#x}", text(segment), size, base_));
    }
  }
}

void MemoryImage::load(std::uint8_t* memory, std::uint64_t size) const {
  require_inside(size);
  for (const auto& [address, segment] : segments_) {
    std::copy(segment.data.begin(), segment.data.end(), memory + (address - base_));
  }
}

void MemoryImage::move_to(std::uint8_t* memory, std::uint64_t size) {
  require_inside(size);
  for (auto& [address, segment] : segments_) {
    std::uint8_t* const place = memory + (address - base_);
    const MappedVector<std::uint8_t> data = std::move(segment.data);
    segment.data = {};
    if (!data.map_over(place)) std::copy(data.begin(), data.end(), place);
  }
}

}  // namespace flexcim
