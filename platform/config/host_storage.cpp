#include "platform/config/host_storage.h"

namespace flexcim {

std::string_view to_string(StorageType type) { return type == StorageType::int8 ? "int8" : "fp16"; }

std::string_view to_string(HeadPlace place) { return place == HeadPlace::host ? "host" : "accelerator"; }

std::string_view to_string(DriverMode mode) { return mode == DriverMode::serial ? "serial" : "queued"; }

std::uint64_t stored_bytes(StorageType type, const MemoryRows& rows) {
  constexpr std::uint64_t scale = 4;
  return rows.rows * (type == StorageType::int8 ? rows.values + scale : 2 * rows.values);
}

}  // namespace flexcim
