#include "platform/results/result_record.h"

#include "flow/base/error.h"
#include "flow/base/mapped_file.h"

#include <cerrno>
#include <fmt/format.h>
#include <sstream>
#include <utility>

namespace flexcim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostHashed = std::uint64_t{16} << 20;
constexpr const char* kWrittenBy =
    "Written by flexcim. The next run replaces these files, if they have not been changed.";
constexpr const char* kHeaderWithoutList = "A result folder of flexcim; it is replaced by the next run.";
constexpr const char* kWrittenWithoutList[] = {
    "layer_kinds.csv", "layers.csv", "outputs.safetensors", "power.csv", "scenario.yaml", "summary.json",
    "text.txt",        "wave.fst",   "wave.gtkw",           "wave.vcd"};

/// http://www.isthe.com/chongo/tech/comp/fnv, 64 bits.
std::uint64_t fnv_1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

}  // namespace

ResultRecord record_of(const fs::path& file) {
  ResultRecord record{file.filename().string(), fs::file_size(file)};
  if (record.bytes <= kMostHashed) record.hash = fnv_1a(MappedFile(file.string()).text());
  return record;
}

ResultRecord record_of(std::string name, std::string_view content) {
  return {std::move(name), content.size(), content.size() <= kMostHashed ? fnv_1a(content) : 0};
}

std::string record_text(const std::vector<ResultRecord>& records) {
  std::string text = std::string(kWrittenBy) + "\n";
  for (const ResultRecord& each : records) text += fmt::format("{} {:016x} {}\n", each.bytes, each.hash, each.name);
  return text;
}

std::vector<ResultRecord> parse_records(std::string_view text, const fs::path& folder) {
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line);
  std::vector<ResultRecord> records;
  if (line == kHeaderWithoutList) {
    std::error_code ignored;
    for (const char* name : kWrittenWithoutList) {
      if (fs::is_regular_file(folder / name, ignored)) records.push_back(record_of(folder / name));
    }
  }
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    ResultRecord record;
    words >> record.bytes >> std::hex >> record.hash >> std::ws;
    if (std::getline(words, record.name)) records.push_back(record);
  }
  return records;
}

}  // namespace flexcim
