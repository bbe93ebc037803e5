#include "flow/text/tokenizer_data.h"

#include "flow/base/error.h"
#include "flow/base/json_input.h"
#include "flow/base/mapped_file.h"
#include "flow/text/base64.h"
#include "flow/text/bpe_tokenizer.h"
#include "flow/text/byte_tokenizer.h"
#include "flow/text/gpt2_files.h"
#include "flow/text/printable.h"
#include "flow/text/sentencepiece_tokenizer.h"

#include <filesystem>

namespace flexcim {
namespace {

using Json = nlohmann::json;

constexpr const char* kAddBegin = "add_bos_token";
constexpr const char* kAddEnd = "add_eos_token";
constexpr const char* kAddedTokens = "added_tokens";

/// A JSON object in a file; an empty one where there is no file.
Json object_in(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return Json::object();
  Json json = parse_python_json(MappedFile(path).text(), path);
  if (!json.is_object()) throw InputError(path + ": is not a JSON object");
  return json;
}

std::optional<bool> flag_of(const Json& config, const char* key, const std::string& where) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return {};
  if (!found->is_boolean()) throw InputError(where + ": " + key + " is neither true nor false");
  return found->get<bool>();
}

/// {content: id} of the tokens that the files beside a tokenizer.model name.
Json added_tokens(const std::string& directory, const Json& config) {
  Json added = object_in(directory + "/added_tokens.json");
  const auto decoder = config.find("added_tokens_decoder");
  if (decoder == config.end() || !decoder->is_object()) return added;
  for (const auto& item : decoder->items()) {
    if (!item.value().is_object() || !item.value().value("content", Json()).is_string()) continue;
    const std::string& id = item.key();
    if (id.empty() || id.size() > 9 || id.find_first_not_of("0123456789") != std::string::npos) continue;
    added[item.value()["content"].get<std::string>()] = std::stoi(id);
  }
  return added;
}

std::string sentencepiece_data(const std::string& directory, const std::string& model, const Json& config,
                               const std::string& config_path) {
  Json data{{"kind", "sentencepiece"}, {"model", to_base64(MappedFile(model).text())}};
  const SentencePieceOptions usual;
  data[kAddBegin] = flag_of(config, kAddBegin, config_path).value_or(usual.add_begin);
  data[kAddEnd] = flag_of(config, kAddEnd, config_path).value_or(usual.add_end);
  const Json added = added_tokens(directory, config);
  if (!added.empty()) data[kAddedTokens] = added;
  return data.dump();
}

std::unique_ptr<Tokenizer> from_sentencepiece(JsonObject json) {
  SentencePieceOptions options;
  options.add_begin = json.flag(kAddBegin, options.add_begin);
  options.add_end = json.flag(kAddEnd, options.add_end);
  auto tokenizer = sentencepiece_tokenizer(from_base64(json.text("model"), json.where()), options, json.where());
  // What has been added to the model's own tokens would have to be looked for in the text.
  if (json.has(kAddedTokens)) {
    for (const auto& item : json.value(kAddedTokens).items()) {
      if (item.value().is_number_unsigned() && item.value() < tokenizer->size()) continue;
      throw InputError(json.where() + ": the added token " + json_text(item.key()) + " with id " +
                       json_text(item.value()) + " is not in the model, which is not supported; give a tokenizer.json");
    }
  }
  return tokenizer;
}

std::unique_ptr<Tokenizer> of_kind(JsonObject json, int vocabulary) {
  const std::string kind = json.text("kind");
  if (kind == "bytes") return std::make_unique<ByteTokenizer>();
  if (kind == "sentencepiece") return from_sentencepiece(json);
  if (kind != "none") json.refuse("kind", "bytes, sentencepiece and none");
  throw InputError(json.where() + ": there is no tokenizer.json or tokenizer.model, and the model's vocabulary of " +
                   std::to_string(vocabulary) + " is not bytes: put its tokenizer there, or give token ids, tensor " +
                   "\"tokens\" of a .safetensors file");
}

void require_agreement(const std::optional<bool>& said, const std::vector<int>& added, const char* key,
                       const std::string& where) {
  if (!said || *said != added.empty()) return;
  throw InputError(where + ": post_processor adds " + (added.empty() ? "no token" : "a token") +
                   ", but tokenizer_config.json beside it has " + key + (*said ? " true" : " false"));
}

}  // namespace

TokenizerData read_tokenizer_data(const std::string& directory, int vocabulary) {
  const std::string json = directory + "/tokenizer.json", model = directory + "/tokenizer.model",
                    config_path = directory + "/tokenizer_config.json";
  std::error_code ignored;
  const Json config = object_in(config_path);
  const std::optional<bool> add_begin = flag_of(config, kAddBegin, config_path),
                            add_end = flag_of(config, kAddEnd, config_path);
  if (std::filesystem::exists(json, ignored)) return {std::string(MappedFile(json).text()), json, add_begin, add_end};
  if (std::filesystem::exists(model, ignored))
    return {sentencepiece_data(directory, model, config, config_path), model};
  if (has_gpt2_files(directory)) {
    return {gpt2_tokenizer(directory, {config, config_path}, added_tokens(directory, config)).dump(), directory,
            add_begin, add_end};
  }
  const bool bytes = vocabulary == ByteTokenizer::kVocabulary;
  return {bytes ? R"({"kind":"bytes"})" : R"({"kind":"none"})", directory};
}

std::unique_ptr<Tokenizer> make_tokenizer(const TokenizerData& data, int vocabulary) {
  const Json json = parse_json(data.text, data.where);
  const JsonObject object(json, data.where);
  std::unique_ptr<Tokenizer> tokenizer;
  if (json.contains("kind")) {
    tokenizer = of_kind(object, vocabulary);
  } else {
    tokenizer = std::make_unique<BpeTokenizer>(object);
    require_agreement(data.add_begin, tokenizer->before(), kAddBegin, data.where);
    require_agreement(data.add_end, tokenizer->behind(), kAddEnd, data.where);
  }
  for (const std::vector<int>* side : {&tokenizer->before(), &tokenizer->behind()}) {
    for (const int id : *side) {
      if (id < vocabulary) continue;
      throw InputError(data.where + ": post_processor adds the token " + std::to_string(id) +
                       ", which is beyond the model's vocabulary of " + std::to_string(vocabulary));
    }
  }
  if (tokenizer->size() > vocabulary) {
    const int id = tokenizer->size() - 1;
    throw InputError(data.where + ": token " + std::to_string(id) + ", \"" + printable(tokenizer->bytes_of(id)) +
                     "\", is beyond the model's vocabulary of " + std::to_string(vocabulary) +
                     ": it is another model's tokenizer");
  }
  return tokenizer;
}

}  // namespace flexcim
