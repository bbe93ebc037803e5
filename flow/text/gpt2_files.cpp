#include "flow/text/gpt2_files.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/mapped_file.h"
#include "flow/text/utf8.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

namespace flexcim {
namespace {

using Json = nlohmann::json;

constexpr const char* kVocabulary = "/vocab.json";
constexpr const char* kMerges = "/merges.txt";
constexpr const char* kBegin = "bos_token";
constexpr const char* kUsual = "<|endoftext|>";

Json merges_of(const std::string& path) {
  const MappedFile file(path);
  std::string_view text = file.text();
  Json merges = Json::array();
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (utf8_prefix(line) < line.size()) throw InputError(path + ":" + std::to_string(number) + ": is not UTF-8");
    if (line.empty() || (merges.empty() && line.substr(0, 8) == "#version")) continue;
    merges.push_back(std::string(line));
  }
  return merges;
}

/// What `config` has as a special token: its content, or an object with it; empty where it has none.
std::string content_of(JsonObject& config, const std::string& key) {
  const Json* found = config.find(key);
  if (found == nullptr) return key == "pad_token" ? "" : kUsual;
  return found->is_object() ? config.object(key).text("content") : config.text(key);
}

}  // namespace

bool has_gpt2_files(const std::string& directory) {
  std::error_code ignored;
  return std::filesystem::exists(directory + kVocabulary, ignored) &&
         std::filesystem::exists(directory + kMerges, ignored);
}

Json gpt2_tokenizer(const std::string& directory, JsonObject config, const Json& added) {
  const Json vocabulary = read_json(directory + kVocabulary);
  std::map<std::string, Json> specials;
  for (const auto& item : added.items()) specials[item.key()] = item.value();
  for (const char* key : {kBegin, "eos_token", "unk_token", "pad_token"}) {
    const std::string content = content_of(config, key);
    if (content.empty() || specials.count(content) > 0) continue;
    if (!vocabulary.contains(content)) {
      throw InputError(directory + kVocabulary + ": has no " + json_text(content) + ", the " + key);
    }
    specials[content] = vocabulary[content];
  }
  Json tokenizer{
      {"normalizer", nullptr},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", config.flag("add_prefix_space", false)}}},
      {"decoder", {{"type", "ByteLevel"}}},
      {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", merges_of(directory + kMerges)}}}};
  for (const auto& [content, id] : specials) tokenizer["added_tokens"].push_back({{"id", id}, {"content", content}});
  if (config.flag("add_bos_token", false)) {
    const std::string begin = content_of(config, kBegin);
    tokenizer["post_processor"] = {{"type", "TemplateProcessing"},
                                   {"single", {{{"SpecialToken", {{"id", begin}}}}, {{"Sequence", {{"id", "A"}}}}}},
                                   {"special_tokens", {{begin, {{"ids", Json::array({specials.at(begin)})}}}}}};
  }
  return tokenizer;
}

}  // namespace flexcim
