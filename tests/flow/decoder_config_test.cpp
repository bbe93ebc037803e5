// The config.json of each family: what its keys mean, what missing ones stand for, which are refused.
#include "flow/model/decoder_config.h"

#include "flow/base/error.h"
#include "flow/model/mamba.h"
#include "tests/flow/scratch.h"

#include <catch2/catch.hpp>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

using Read = DecoderConfig (*)(const ModelConfig&);
using Windows = std::vector<std::size_t>;

/// Keys without which no rotary decoder is read.
json rotary_keys(const json& more = {}) {
  json keys = {{"hidden_size", 64},        {"intermediate_size", 96}, {"num_hidden_layers", 3},
               {"num_attention_heads", 8}, {"vocab_size", 99},        {"max_position_embeddings", 128}};
  if (!more.is_null()) keys.update(more);
  return keys;
}

json opt_keys(const json& more = {}) {
  json keys = rotary_keys(more);
  keys.erase("intermediate_size");
  keys["ffn_dim"] = 96;
  return keys;
}

DecoderConfig read(Read reader, const json& keys) { return reader(ModelConfig(keys.dump(), "config.json")); }

std::string refused(Read reader, const json& keys) {
  return message_of<InputError>([&] { read(reader, keys); });
}

}  // namespace

TEST_CASE("decoder config: keys that are missing have the values of transformers") {
  CHECK(read(llama_config, rotary_keys()).kv_heads == 8);
  CHECK(read(mistral_config, rotary_keys({{"num_attention_heads", 16}})).kv_heads == 8);
  CHECK(read(mistral_config, rotary_keys({{"num_attention_heads", 16}, {"num_key_value_heads", nullptr}})).kv_heads ==
        16);
  CHECK_THAT(refused(qwen2_config, rotary_keys()), Contains("num_key_value_heads does not divide"));  // 32
  const json heads = {{"num_key_value_heads", 4}};
  CHECK(read(qwen2_config, rotary_keys(heads)).head == 8);
  CHECK(read(qwen3_config, rotary_keys(heads)).head == 128);
  CHECK(read(qwen2_config, rotary_keys(heads)).epsilon == 1e-6f);
  CHECK(read(qwen2_config, rotary_keys(heads)).rope->base == 10000);
  CHECK_FALSE(read(llama_config, rotary_keys()).tied);
  const DecoderConfig opt = read(opt_config, opt_keys());
  CHECK((opt.tied && opt.norm_first && opt.final_norm && opt.biases.mlp && opt.epsilon == 1e-5f));
  CHECK_FALSE(read(opt_config, opt_keys({{"_remove_final_layer_norm", true}})).final_norm);
}

TEST_CASE("decoder config: which tokens a block sees") {
  const Windows all(3, 128);
  CHECK(read(llama_config, rotary_keys({{"sliding_window", 8}, {"use_sliding_window", false}})).windows == all);
  const auto mistral = [](const json& keys) { return read(mistral_config, rotary_keys(keys)).windows; };
  CHECK(mistral({{"sliding_window", 9}}) == Windows(3, 9));
  CHECK(mistral({{"sliding_window", nullptr}}) == all);
  CHECK(mistral({}) == all);  // 4096
  CHECK(read(mistral_config, rotary_keys({{"max_position_embeddings", 8192}})).windows == Windows(3, 4096));

  json qwen = rotary_keys({{"num_key_value_heads", 4}, {"sliding_window", 9}, {"max_window_layers", 1}});
  const auto windows = [&](const json& keys) {
    json all_keys = qwen;
    all_keys.update(keys);
    return read(qwen2_config, all_keys).windows;
  };
  const json used = {{"use_sliding_window", true}};
  CHECK(windows(json::object()) == all);
  CHECK(windows(used) == Windows{128, 9, 9});
  CHECK(windows({{"use_sliding_window", true}, {"sliding_window", nullptr}}) == all);
  CHECK(windows({{"use_sliding_window", true},
                 {"layer_types", {"sliding_attention", "full_attention", "full_attention"}}}) == Windows{9, 128, 128});
  // A window that holds the whole context.
  CHECK(windows({{"use_sliding_window", true},
                 {"sliding_window", 500},
                 {"layer_types", {"sliding_attention", "full_attention", "full_attention"}}}) == all);
  qwen["layer_types"] = {"full_attention", "full_attention", "sliding_attention"};
  CHECK_THAT(refused(qwen3_config, qwen), Contains("layer_types has \"sliding_attention\" for block 2"));
  CHECK_THAT(refused(mistral_config, qwen), Contains("layer_types has \"full_attention\" for block 0"));
  qwen["layer_types"] = {"full_attention"};
  CHECK_THAT(refused(qwen3_config, qwen), Contains("layer_types is not a list with an entry for each of"));
}

TEST_CASE("decoder config: scaling of rotary positions") {
  const auto rope = [](const json& scaling) {
    return read(llama_config, rotary_keys({{"rope_scaling", scaling}})).rope.value();
  };
  const auto error = [](const json& scaling) {
    return refused(llama_config, rotary_keys({{"rope_scaling", scaling}}));
  };
  const json llama3 = {{"rope_type", "llama3"},
                       {"factor", 8},
                       {"low_freq_factor", 1},
                       {"high_freq_factor", 4},
                       {"original_max_position_embeddings", 64}};
  CHECK(rope({{"type", "linear"}, {"factor", 2}}) == RopeParameters{10000, RopeScaling::linear, 2});
  CHECK(rope(llama3) == RopeParameters{10000, RopeScaling::llama3, 8, 1, 4, 64});
  CHECK(rope({{"type", "dynamic"}, {"factor", 2}, {"rope_type", "dynamic"}}) ==
        RopeParameters{10000, RopeScaling::dynamic, 2, 1, 4, 128});
  const json dynamic = {{"rope_scaling", {{"type", "dynamic"}, {"factor", 2.5}}}};
  CHECK(read(llama_config, rotary_keys(dynamic)).context == 320);

  CHECK_THAT(error({{"type", "yarn"}}), Contains("rope_scaling: type is \"yarn\"; supported are"));
  CHECK_THAT(error({{"type", "linear"}, {"rope_type", "dynamic"}, {"factor", 2}}),
             Contains("rope_type is \"dynamic\", but type is \"linear\""));
  CHECK_THAT(error({{"type", "linear"}}), Contains("rope_scaling: factor is missing"));
  CHECK_THAT(error({{"type", "linear"}, {"factor", 0.5}}), Contains("factor is 0.5"));
  CHECK_THAT(error({{"type", "linear"}, {"factor", 2}, {"attention_factor", 1}}), Contains("attention_factor is not"));
  CHECK_THAT(error({{"type", "dynamic"}, {"factor", 2}, {"original_max_position_embeddings", 64}}),
             Contains("original_max_position_embeddings is 64; only 128"));
  for (const std::string key : {"low_freq_factor", "high_freq_factor", "original_max_position_embeddings"}) {
    json less = llama3;
    less.erase(key);
    CHECK_THAT(error(less), Contains("rope_scaling: " + key + " is missing"));
  }
  json turned = llama3;
  turned["low_freq_factor"] = 4;
  CHECK_THAT(error(turned), Contains("high_freq_factor is not above low_freq_factor"));
  CHECK_THAT(refused(llama_config,
                     rotary_keys({{"rope_scaling", llama3}, {"rope_parameters", {{"factor", 2}, {"type", "linear"}}}})),
             Contains("rope_scaling scales otherwise than rope_parameters"));
}

TEST_CASE("decoder config: what changes the result and is not there is refused by its key") {
  const json heads = {{"num_key_value_heads", 4}};
  const struct {
    Read read;
    json base;
    const char* key;
    json value;
  } cases[] = {{mistral_config, rotary_keys(heads), "attention_bias", true},
               {mistral_config, rotary_keys(heads), "hidden_act", "gelu"},
               {mistral_config, rotary_keys(heads), "sliding_window", 0},
               {mistral_config, rotary_keys(heads), "num_local_experts", 8},
               {qwen2_config, rotary_keys(heads), "use_mrope", true},
               {qwen2_config, rotary_keys(heads), "attention_bias", true},
               {qwen3_config, rotary_keys(heads), "mlp_bias", true},
               {qwen3_config, rotary_keys(heads), "num_experts", 8},
               {opt_config, opt_keys(), "word_embed_proj_dim", 32},
               {opt_config, opt_keys(), "activation_function", "gelu"},
               {opt_config, opt_keys(), "layer_norm_elementwise_affine", false},
               {opt_config, opt_keys(), "num_key_value_heads", 4},
               {opt_config, opt_keys(), "rope_theta", 10000.0}};
  for (const auto& each : cases) {
    CAPTURE(each.key);
    CHECK(refused(each.read, each.base).empty());
    json keys = each.base;
    keys[each.key] = each.value;
    CHECK_THAT(refused(each.read, keys), Contains("config.json: " + std::string(each.key)));
  }
}

TEST_CASE("mamba config: only Falcon-Mamba normalises the parameters of its scan") {
  json keys = {{"hidden_size", 64}, {"num_hidden_layers", 3}, {"state_size", 4}, {"conv_kernel", 4}, {"vocab_size", 9}};
  const auto config = [&] { return ModelConfig(keys.dump(), "config.json"); };
  CHECK_FALSE(mamba_config(config()).parameter_epsilon);
  CHECK(falcon_mamba_config(config()).parameter_epsilon == 1e-6f);
  keys["mixer_rms_eps"] = 1e-5;
  CHECK(falcon_mamba_config(config()).parameter_epsilon == 1e-5f);
  CHECK_THAT(message_of<InputError>([&] { mamba_config(config()); }),
             Contains("config.json: mixer_rms_eps is not known"));
}
