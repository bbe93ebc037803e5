// What a run has written into its result folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// A file, and how to tell whether it is still as it was written.
struct ResultRecord {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  ///< FNV-1a of the content; 0 for more than 16 MiB, which nobody edits by hand

  bool operator==(const ResultRecord& other) const {
    return name == other.name && bytes == other.bytes && hash == other.hash;
  }
};

/// Throws std::system_error naming the file.
ResultRecord record_of(const std::filesystem::path& file);
/// Of a file `name` with that content.
ResultRecord record_of(std::string name, std::string_view content);

/// The text that lists records, and back. A text of version 0.1.0 lists none: it stands for the files that this version
/// wrote, as they are now in `folder`.
std::string record_text(const std::vector<ResultRecord>& records);
std::vector<ResultRecord> parse_records(std::string_view text, const std::filesystem::path& folder);

}  // namespace flexcim
