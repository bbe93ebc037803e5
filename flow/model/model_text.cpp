#include "flow/model/model_text.h"

#include "flow/base/error.h"
#include "flow/base/safetensors.h"
#include "flow/text/tokenizer_data.h"

#include <filesystem>
#include <utility>

namespace flexcim {
namespace {

constexpr const char* kTokenizerKey = "tokenizer";  // of a packed model's metadata

TokenizerData data_of(const std::string& path, int vocabulary) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return read_tokenizer_data(path, vocabulary);
  const SafetensorsFile file(path);
  const auto text = file.metadata().find(kTokenizerKey);
  return {text == file.metadata().end() ? R"({"kind":"none"})" : text->second,
          path + ": __metadata__: " + kTokenizerKey};
}

}  // namespace

ModelText::ModelText(std::string path, int vocabulary) : path_(std::move(path)), vocabulary_(vocabulary) {}

const Tokenizer& ModelText::tokenizer() const {
  const std::lock_guard<std::mutex> lock(opening_);
  if (tokenizer_ == nullptr) tokenizer_ = make_tokenizer(data_of(path_, vocabulary_), vocabulary_);
  return *tokenizer_;
}

std::string ModelText::of(const std::vector<int>& tokens, TextPart part) const {
  try {
    return tokenizer().decode(tokens, part);
  } catch (const InputError&) {
    std::string text;
    for (const int token : tokens) text += (text.empty() ? "" : " ") + std::to_string(token);
    return text;
  }
}

}  // namespace flexcim
