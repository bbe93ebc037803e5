#include "flow/model/decoder_config.h"

#include "flow/base/json_input.h"
#include "flow/model/common_keys.h"
#include "flow/model/rope_config.h"

#include <algorithm>
#include <cmath>

namespace flexcim {
namespace {

constexpr int kDefaultWindow = 4096;
constexpr int kDefaultFullBlocks = 28;  // of Qwen, before the first with a window

constexpr DecoderNames kLlamaNames = {
    "embed_tokens.weight", "norm",          "layers.",     "input_layernorm", "post_attention_layernorm",
    "self_attn.o_proj",    "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"};
constexpr DecoderNames kOptNames = {"decoder.embed_tokens.weight",
                                    "decoder.final_layer_norm",
                                    "decoder.layers.",
                                    "self_attn_layer_norm",
                                    "final_layer_norm",
                                    "self_attn.out_proj",
                                    nullptr,
                                    "fc1",
                                    "fc2"};

/// Keys that cannot change what a rotary decoder computes: pretraining_tp splits sums, the time steps are a Mamba's.
constexpr std::string_view kIdleKeys[] = {"is_llama_config", "max_window_layers", "pretraining_tp", "time_step_floor",
                                          "time_step_limit", "time_step_max",     "time_step_min"};
/// Of OPT: training.
constexpr std::string_view kIdleOptKeys[] = {"activation_dropout", "init_std", "layerdrop"};

/// Dimensions that all families call alike; as many keys as queries, heads that share the stream.
DecoderConfig dimensions(const ModelConfig& config, const DecoderNames& names, const char* intermediate) {
  DecoderConfig c;
  c.names = names;
  c.hidden = config.integer("hidden_size", 1, kLargestDimension);
  c.intermediate = config.integer(intermediate, 1, kLargestDimension);
  c.layers = config.integer("num_hidden_layers", 1, 10000);
  c.heads = config.integer("num_attention_heads", 1, c.hidden);
  c.vocabulary = config.integer("vocab_size", 1, 1 << 24);
  c.context = config.integer("max_position_embeddings", 1, kLargestDimension);
  c.kv_heads = c.heads;
  c.head = c.hidden / c.heads;
  c.weights = weight_format(config);
  return c;
}

void require_divided(const ModelConfig& config, const DecoderConfig& c) {
  if (c.hidden % c.heads != 0) config.fail("num_attention_heads", "does not divide hidden_size");
}

/// Every block sees `window` tokens.
void set_windows(DecoderConfig& c, int window) {
  c.windows.assign(static_cast<std::size_t>(c.layers), static_cast<std::size_t>(std::min(window, c.context)));
}

/// Throws unless a layer_types that is there says what the windows are. `window`: of blocks that have one, 0 if none.
void require_layer_types(const ModelConfig& config, const DecoderConfig& c, int window) {
  const nlohmann::json& types = config.raw("layer_types");
  if (types.is_null() || types == nlohmann::json::array()) return;
  if (!types.is_array() || types.size() != c.windows.size()) {
    config.fail("layer_types", "is not a list with an entry for each of num_hidden_layers");
  }
  for (std::size_t block = 0; block < c.windows.size(); ++block) {
    const auto seen = static_cast<int>(c.windows[block]);
    if (types[block] == "full_attention" && seen == c.context) continue;
    if (types[block] == "sliding_attention" && window > 0 && seen == std::min(window, c.context)) continue;
    config.fail("layer_types", "has " + json_text(types[block]) + " for block " + std::to_string(block) +
                                   ", which is not what the other keys give");
  }
}

struct RotaryDefaults {
  std::optional<int> kv_heads;  ///< num_key_value_heads where the key is missing; else as many as queries
  std::optional<int> head;      ///< head_dim where the key is missing; else hidden / heads
};

/// Llama's block, and those of its relatives: RMSNorm, rotary positions, grouped-query attention, a gated network.
DecoderConfig rotary(const ModelConfig& config, const RotaryDefaults& defaults = {}) {
  DecoderConfig c = dimensions(config, kLlamaNames, "intermediate_size");
  const int kv_heads = config.holds("num_key_value_heads") ? c.heads : defaults.kv_heads.value_or(c.heads);
  c.kv_heads = config.integer("num_key_value_heads", 1, c.heads, kv_heads);
  if (config.raw("head_dim").is_null() && !defaults.head) require_divided(config, c);
  c.head = config.integer("head_dim", 2, kLargestDimension, defaults.head.value_or(c.head));
  c.epsilon = static_cast<float>(config.number("rms_norm_eps", 1e-12, 1.0, 1e-6));
  c.tied = config.boolean("tie_word_embeddings", false);
  if (c.heads % c.kv_heads != 0) config.fail("num_key_value_heads", "does not divide num_attention_heads");
  if (c.head % 2 != 0) config.fail("head_dim", "is " + std::to_string(c.head) + ", which is odd");
  if (static_cast<std::int64_t>(c.heads) * c.head > kLargestDimension) {
    config.fail("head_dim", "times num_attention_heads is absurd");
  }
  if (static_cast<std::int64_t>(c.context) * c.head > 1 << 28) {
    config.fail("max_position_embeddings", "times head_dim is absurd");
  }
  c.rope = rope_parameters(config, c.context);
  if (c.rope->scaling == RopeScaling::dynamic) {
    if (c.head == 2) config.fail("head_dim", "is 2, too small for dynamic scaling");
    c.context = static_cast<int>(std::min<double>(kLargestDimension, std::floor(c.context * c.rope->factor)));
  }
  set_windows(c, c.context);

  config.require("hidden_act", "silu");
  // What models derived from these have, each with the value that changes nothing.
  for (const char* key : {"bias", "qk_layer_norms", "qk_norm", "qkv_bias", "use_mrope", "use_qk_norm"}) {
    config.require(key, false);
  }
  for (const char* key : {"embedding_multiplier", "logit_scale", "logits_scaling", "residual_multiplier"}) {
    config.require(key, 1);
  }
  return c;
}

void require_known(const ModelConfig& config, const DecoderConfig& c, int window) {
  require_layer_types(config, c, window);
  require_known_keys(config, {std::begin(kIdleKeys), std::end(kIdleKeys)});
}

/// The blocks of Qwen from max_window_layers on have a window where use_sliding_window is set; layer_types, where it is
/// there, says which instead. Returns the window, 0 if there is none.
int read_qwen_windows(const ModelConfig& config, DecoderConfig& c) {
  const bool used = config.boolean("use_sliding_window", false);
  const bool none = config.holds("sliding_window") && config.raw("sliding_window").is_null();
  const int window = config.integer("sliding_window", 1, INT32_MAX, kDefaultWindow);
  const int first = config.integer("max_window_layers", 0, INT32_MAX, kDefaultFullBlocks);
  if (!used || none) return 0;
  const nlohmann::json& types = config.raw("layer_types");
  for (std::size_t block = 0; block < c.windows.size(); ++block) {
    const bool listed = types.is_array() && types.size() == c.windows.size();
    const bool sliding = listed ? types[block] == "sliding_attention" : block >= static_cast<std::size_t>(first);
    if (sliding) c.windows[block] = static_cast<std::size_t>(std::min(window, c.context));
  }
  return window;
}

}  // namespace

DecoderConfig llama_config(const ModelConfig& config) {
  DecoderConfig c = rotary(config);
  const bool attention = config.boolean("attention_bias", false);
  c.biases = {attention, attention, config.boolean("mlp_bias", false)};
  // A window that holds the whole context, or is switched off, is none.
  const bool used = config.boolean("use_sliding_window", true);
  if (config.integer("sliding_window", 0, INT32_MAX, c.context) < c.context && used) {
    config.fail("sliding_window", "is less than max_position_embeddings, which a Llama does not know");
  }
  require_known(config, c, 0);
  return c;
}

DecoderConfig mistral_config(const ModelConfig& config) {
  DecoderConfig c = rotary(config, {8, {}});
  for (const char* key : {"attention_bias", "mlp_bias"}) config.require(key, false);
  const bool none = config.holds("sliding_window") && config.raw("sliding_window").is_null();
  const int window = none ? 0 : config.integer("sliding_window", 1, INT32_MAX, kDefaultWindow);
  if (!none) set_windows(c, window);
  require_known(config, c, window);
  return c;
}

DecoderConfig qwen2_config(const ModelConfig& config) {
  DecoderConfig c = rotary(config, {32, {}});
  for (const char* key : {"attention_bias", "mlp_bias"}) config.require(key, false);
  c.biases.inputs = true;
  const int window = read_qwen_windows(config, c);
  require_known(config, c, window);
  return c;
}

DecoderConfig qwen3_config(const ModelConfig& config) {
  DecoderConfig c = rotary(config, {32, 128});
  const bool attention = config.boolean("attention_bias", false);
  config.require("mlp_bias", false);
  c.biases = {attention, attention, false};
  c.head_norms = true;
  const int window = read_qwen_windows(config, c);
  require_known(config, c, window);
  return c;
}

DecoderConfig opt_config(const ModelConfig& config) {
  DecoderConfig c = dimensions(config, kOptNames, "ffn_dim");
  require_divided(config, c);
  set_windows(c, c.context);
  c.epsilon = 1e-5f;  // there is no key for it
  c.tied = config.boolean("tie_word_embeddings", true);
  c.norm = NormKind::layer;
  c.norm_first = config.boolean("do_layer_norm_before", true);
  c.final_norm = c.norm_first && !config.boolean("_remove_final_layer_norm", false);
  const bool biases = config.boolean("enable_bias", true);
  c.biases = {biases, biases, biases};
  config.require("word_embed_proj_dim", c.hidden);
  config.require("activation_function", "relu");
  config.require("layer_norm_elementwise_affine", true);
  require_known_keys(config, {std::begin(kIdleOptKeys), std::end(kIdleOptKeys)});
  return c;
}

}  // namespace flexcim
