// What tells the content of files apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace flexcim {

class MappedFile;

/// A hash of `bytes` bytes that goes on from `before`, the hash of what comes before them: as fast as memory is read,
/// against accidents, not against malice. Two contents that differ in one place only never have the same.
std::uint64_t content_hash(const void* data, std::size_t bytes, std::uint64_t before = 0);

/// The hash of a whole file, by all processors; its pages are given back to the system on the way.
std::uint64_t content_hash(const MappedFile& file);

/// The 16 digits of a hash in names and files.
std::string hash_text(std::uint64_t hash);

}  // namespace flexcim
