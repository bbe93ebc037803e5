// The tokenizers of tests/flow/text/tokenizers.
#pragma once

#include "flow/base/json_input.h"
#include "flow/text/tokenizer_data.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace flexcim {

constexpr int kEnough = 1 << 20;  ///< a vocabulary that holds every tokenizer

inline std::string tokenizer_file(const std::string& name) {
  return std::string(FLEXCIM_SOURCE_DIR) + "/tests/flow/text/tokenizers/" + name;
}

inline nlohmann::json tokenizer_json(const std::string& family) { return read_json(tokenizer_file(family + ".json")); }

inline std::unique_ptr<Tokenizer> tokenizer_of(const nlohmann::json& json, int vocabulary = kEnough) {
  return make_tokenizer({json.dump(), "t.json"}, vocabulary);
}

inline std::unique_ptr<Tokenizer> open_tokenizer(const std::string& family) {
  return tokenizer_of(tokenizer_json(family));
}

}  // namespace flexcim
