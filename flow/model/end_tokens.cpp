#include "flow/model/end_tokens.h"

#include "flow/base/json_input.h"
#include "flow/model/common_keys.h"
#include "flow/model/config.h"

#include <optional>

namespace flexcim {
namespace {

constexpr const char* kEndTokens = "eos_token_id";

int token(const ModelConfig& config, const nlohmann::json& value) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > INT32_MAX) {
    config.fail(kEndTokens, "is " + json_text(config.raw(kEndTokens)) + ", neither a token nor a list of tokens");
  }
  return value.get<int>();
}

std::vector<int> tokens_of(const ModelConfig& config) {
  const nlohmann::json& value = config.raw(kEndTokens);
  if (value.is_null()) return {};
  std::vector<int> tokens;
  if (!value.is_array()) return {token(config, value)};
  for (const nlohmann::json& each : value) tokens.push_back(token(config, each));
  return tokens;
}

}  // namespace

std::vector<int> end_tokens(const std::string& path) {
  if (const std::optional<ModelConfig> generation = read_generation_config(path)) {
    require_plain_decoding(*generation);
    if (!generation->raw(kEndTokens).is_null()) return tokens_of(*generation);
  }
  return tokens_of(read_config(path));
}

}  // namespace flexcim
