// What a model directory may hold: every key and tensor is used, known to change nothing, or refused by its name.
#include "flow/base/error.h"
#include "flow/model/end_tokens.h"
#include "flow/model/evaluate.h"
#include "flow/model/float_runner.h"
#include "flow/model/load_model.h"
#include "tests/flow/tiny_model.h"

#include <cmath>
#include <functional>

using namespace flexcim;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

const std::string kLayer = "model.layers.0.self_attn.", kMixer = "backbone.layers.1.mixer.";

/// Why the changed model is refused; empty if it is not.
std::string refused(TinyModel model, const std::function<void(TinyModel&)>& change) {
  change(model);
  const Scratch scratch;
  model.write(scratch.str());
  return message_of<InputError>([&] { load_model(scratch.str()); });
}

std::string with_key(const TinyModel& model, const std::string& key, const json& value) {
  return refused(model, [&](TinyModel& changed) { changed.config[key] = value; });
}

std::string with_tensor(const TinyModel& model, const std::string& name, const TinyModel::Weight& weight) {
  return refused(model, [&](TinyModel& changed) { changed.tensors[name] = weight; });
}

Matrix<float> logits(const TinyModel& model, const std::function<void(json&)>& change = {}) {
  TinyModel changed = model;
  if (change) change(changed.config);
  const Scratch scratch;
  changed.write(scratch.str());
  const std::unique_ptr<LanguageModel> loaded = load_model(scratch.str());
  FloatRunner runner(*loaded);
  return sequence_logits(*loaded, runner, {1, 2, 3, 4, 5, 6});
}

/// The keys of a published config.json around the dimensions of a tiny model.
TinyModel published(TinyModel model, const std::string& keys) {
  model.config.update(json::parse(keys));
  return model;
}

}  // namespace

TEST_CASE("reader: the keys of published models are known") {
  const TinyModel llama = tiny_llama(50), mamba = tiny_mamba(51);
  for (const TinyModel& model :
       {published(llama, R"({"_name_or_path": "meta-llama/Llama-2-7b-chat-hf", "bos_token_id": 1, "eos_token_id": 2,
             "initializer_range": 0.02, "pretraining_tp": 1, "rope_scaling": null, "torch_dtype": "float16",
             "transformers_version": "4.32.0.dev0", "use_cache": true, "max_length": 4096, "pad_token_id": 0})"),
        published(llama, R"({"max_sequence_length": 2048, "torch_dtype": "float16", "use_cache": true})"),
        published(llama,
                  R"({"attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 128000, "mlp_bias": false,
             "eos_token_id": [128001, 128008, 128009], "pretraining_tp": 1, "dtype": "bfloat16"})"),
        published(llama, R"({"is_llama_config": true, "rope_interleaved": false, "attention_bias": false,
             "transformers.js_config": {"dtype": {}}, "_attn_implementation_autoset": true, "initializer_range": 0.041})"),
        published(llama, R"({"rope_theta": null, "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"}})"),
        published(llama, R"({"rope_scaling": {"type": "default", "rope_type": "default"}, "sliding_window": 64,
             "layer_types": ["full_attention", "full_attention"], "use_sliding_window": false, "max_window_layers": 1})"),
        published(llama, R"({"output_attentions": false, "torchscript": false, "pruned_heads": {}, "min_length": 0,
             "is_encoder_decoder": false, "tie_encoder_decoder": false, "chunk_size_feed_forward": 0, "num_beams": 1,
             "temperature": 0.9, "top_p": 0.6, "do_sample": true, "repetition_penalty": 1.0, "bad_words_ids": null,
             "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "suppress_tokens": null, "problem_type": null})"),
        published(mamba, R"({"bos_token_id": 0, "d_inner": 37, "d_model": 20, "eos_token_id": 0, "expand": 2,
             "fused_add_norm": true, "initializer_range": 0.1, "n_layer": 2, "pad_token_id": 0,
             "pad_vocab_size_multiple": 8, "rescale_prenorm_residual": false, "residual_in_fp32": true, "rms_norm": true,
             "ssm_cfg": {}, "time_step_floor": 0.0001, "time_step_init_scheme": "random", "time_step_max": 0.1,
             "time_step_min": 0.001, "time_step_scale": 1.0, "torch_dtype": "float32", "use_cache": true,
             "use_mambapy": false})")}) {
    CAPTURE(model.config.dump());
    CHECK(refused(model, [](TinyModel&) {}).empty());
  }
}

TEST_CASE("reader: a key that could change the result is refused by its name, its idle value is not") {
  const TinyModel llama = tiny_llama(52), mamba = tiny_mamba(53);
  const struct {
    const TinyModel& model;
    const char* key;
    json idle;
    json active;
  } cases[] = {{llama, "partial_rotary_factor", 1.0, 0.5},
               {llama, "rotary_pct", 1, 0.25},
               {llama, "rope_interleaved", false, true},
               {llama, "rope_scaling", nullptr, {{"rope_type", "llama3"}, {"factor", 8.0}}},
               {llama, "rope_scaling", json::object(), {{"factor", 8.0}}},
               {llama, "rope_parameters", {{"partial_rotary_factor", 1}}, {{"partial_rotary_factor", 0.5}}},
               {llama, "rope_parameters", {{"type", "default"}}, {{"type", "yarn"}}},
               {llama, "rope_parameters", {{"rope_theta", 100}}, {{"full_attention", {{"rope_theta", 100}}}}},
               {llama, "sliding_window", 64, 63},
               {llama, "layer_types", json::array(), {"full_attention", "sliding_attention"}},
               {llama, "qkv_bias", false, true},
               {llama, "residual_multiplier", 1.0, 0.22},
               {llama, "logit_scale", 1, 0.0625},
               {llama, "attention_multiplier", nullptr, 0.0078125},
               {llama, "final_logit_softcapping", nullptr, 30.0},
               {llama, "attn_logit_softcapping", nullptr, 50.0},
               {llama, "quantization_config", nullptr, {{"quant_method", "gptq"}}},
               {llama, "repetition_penalty", 1.0, 1.2},
               {llama, "suppress_tokens", nullptr, {4}},
               {llama, "num_experts", nullptr, 8},
               {llama, "invented_key", nullptr, false},
               {llama, "model_type", "llama", "mistral"},
               {llama, "model_type", nullptr, "mamba"},
               {mamba, "rms_norm", true, false},
               {mamba, "ssm_cfg", json::object(), {{"d_state", 64}}},
               {mamba, "d_model", 20, 24},
               {mamba, "d_inner", 37, 40},
               {mamba, "n_layer", 2, 3},
               {mamba, "time_step_limit", nullptr, {0.0, 1.0}},
               {mamba, "rope_theta", nullptr, 10000.0},
               {mamba, "invented_key", nullptr, 0}};
  for (const auto& each : cases) {
    CAPTURE(each.key, each.active.dump());
    CHECK(with_key(each.model, each.key, each.idle).empty());
    CHECK_THAT(with_key(each.model, each.key, each.active), Contains("config.json: " + std::string(each.key)));
  }
}

TEST_CASE("reader: rotary positions have one base, wherever it is written") {
  TinyModel tiny = tiny_llama(54);
  tiny.config["rope_theta"] = 500000;
  const Matrix<float> expected = logits(tiny);
  CHECK(logits(tiny, [](json& config) { config["rope_theta"] = nullptr; }) != expected);
  CHECK(logits(tiny, [](json& config) { config["rope_parameters"] = {{"rope_type", "default"}}; }) == expected);
  for (const char* place : {"rope_parameters", "rope_scaling"}) {
    for (const bool both : {true, false}) {
      CHECK(logits(tiny, [&](json& config) {
              config[place] = {{"rope_type", "default"}, {"rope_theta", 500000.0}};
              if (!both) config.erase("rope_theta");
            }) == expected);
    }
    CHECK_THAT(with_key(tiny, place, {{"rope_type", "default"}, {"rope_theta", 10000}}),
               Contains(std::string(place) + ": rope_theta is 10000, but") && Contains("rope_theta is 500000"));
  }
  CHECK_THAT(with_key(tiny, "rotary_emb_base", 10000), Contains("rotary_emb_base is 10000, but"));
  CHECK(logits(tiny, [](json& config) {
          config.erase("rope_theta");
          config["rotary_emb_base"] = 500000;
        }) == expected);
}

TEST_CASE("reader: numbers that are not finite matter only where they are used") {
  const TinyModel llama = tiny_llama(55), mamba = tiny_mamba(56);
  const auto with_text = [](const TinyModel& model, const std::string& key, const std::string& value) {
    const Scratch scratch;
    model.write(scratch.str());
    std::string text = model.config.dump();
    write_file(scratch / "config.json", "{\"" + key + "\": " + value + ", " + text.substr(1));
    return message_of<InputError>([&] { load_model(scratch.str()); });
  };
  for (const std::string value : {"Infinity", "-Infinity", "NaN"}) {
    CHECK(with_text(llama, "initializer_range", value).empty());
    CHECK(with_text(llama, "time_step_limit", "[0.0, " + value + "]").empty());
    CHECK_THAT(with_text(llama, "rotary_emb_base", value), Contains("rotary_emb_base is " + value + ", not a number"));
    CHECK_THAT(with_text(llama, "sliding_window", value), Contains("sliding_window is " + value));
    CHECK_THAT(with_text(llama, "logit_scale", value), Contains("logit_scale is " + value + "; only 1"));
  }
  CHECK(with_text(mamba, "time_step_limit", "[0.0, Infinity]").empty());
  CHECK_THAT(with_text(mamba, "time_step_limit", "[0.0, NaN]"),
             Contains("time_step_limit is [0.0,NaN]; only [0.0,Infinity] is supported"));
}

TEST_CASE("reader: a tensor that the model does not use is refused by its name") {
  const TinyModel::Weight bias{{24}, std::vector<float>(24, 0.5f)};
  const TinyModel llama = tiny_llama(57), mamba = tiny_mamba(58);
  for (const std::string& name :
       {kLayer + "q_proj.bias", kLayer + "q_proj.lora_A.weight", kLayer + "masked_bias", kLayer + "q_norm.weight",
        std::string("lm_head.bias"), std::string("model.norm.bias"), std::string("model.layers.2.mlp.up_proj.weight"),
        std::string("transformer.wte.weight"), kLayer + "q_proj.weight.absmax"}) {
    CHECK_THAT(with_tensor(llama, name, bias), Contains("model.safetensors: ") && Contains("tensor " + name));
  }
  for (const std::string& name : {kMixer + "in_proj.bias", kMixer + "out_proj.bias", kMixer + "x_proj.bias",
                                  std::string("backbone.norm_f.bias"), std::string("backbone.layers.2.norm.weight")}) {
    CHECK_THAT(with_tensor(mamba, name, bias), Contains("tensor " + name));
  }
  CHECK_THAT(with_key(mamba, "use_conv_bias", false),
             Contains("the tensors backbone.layers.0.mixer.conv1d.bias, " + kMixer + "conv1d.bias"));
  CHECK_THAT(with_key(llama, "num_hidden_layers", 1),
             Contains("model.layers.1.input_layernorm.weight, model.layers.1."));
  CHECK_THAT(refused(llama,
                     [&](TinyModel& model) {
                       for (int i = 10; i < 40; ++i) model.tensors["x." + std::to_string(i)] = bias;
                     }),
             Contains("tensors x.10, ") && Contains("x.21 and 18 more"));
}

TEST_CASE("reader: tensors that say again what is known need not be used") {
  const TinyModel llama = tiny_llama(59), tied = tiny_llama(60, true);
  // Of three frequencies 100^(-2i/6).
  TinyModel::Weight frequencies{{3}, {1.0f, std::pow(100.0f, -1.0f / 3), std::pow(100.0f, -2.0f / 3)}};
  for (const std::string& name : {kLayer + "rotary_emb.inv_freq", std::string("model.rotary_emb.inv_freq")}) {
    CHECK(with_tensor(llama, name, frequencies).empty());
    TinyModel::Weight other = frequencies;
    other.values[2] *= 0.5f;
    CHECK_THAT(with_tensor(llama, name, other), Contains("tensor " + name + ": element [2] is"));
    CHECK_THAT(with_tensor(llama, name, {{1}, {1.0f}}), Contains("has shape [1] where [3]"));
  }
  for (const Dtype type : {Dtype::f16, Dtype::bf16}) {
    TinyModel model = llama;
    model.tensors[kLayer + "rotary_emb.inv_freq"] = frequencies;
    const Scratch scratch;
    model.write(scratch.str(), type);
    CHECK(message_of<InputError>([&] { load_model(scratch.str()); }).empty());
  }

  TinyModel::Weight head = tied.tensors.at("model.embed_tokens.weight");
  CHECK(with_tensor(tied, "lm_head.weight", head).empty());
  head.values[7] += 1;
  CHECK_THAT(with_tensor(tied, "lm_head.weight", head),
             Contains("tensor lm_head.weight is another than model.embed_tokens.weight"));
  CHECK_THAT(with_tensor(tiny_mamba(61), "lm_head.weight", head),
             Contains("tensor lm_head.weight is another than backbone.embeddings.weight"));
}

TEST_CASE("reader: nothing that lies beside the model is passed over") {
  const Scratch scratch;
  const TinyModel tiny = tiny_llama(62);
  tiny.write(scratch.str());
  write_file(scratch / "adapter_config.json", "{}");
  CHECK_THAT(message_of<InputError>([&] { load_model(scratch.str()); }), Contains("adapter_config.json: adapters"));
  std::filesystem::remove(scratch / "adapter_config.json");
}

TEST_CASE("reader: shards and their index agree") {
  const TinyModel tiny = tiny_llama(64);
  const std::string moved = "model.layers.1.mlp.up_proj.weight";
  json map;
  std::vector<std::string> names[2];
  for (const auto& tensor : tiny.tensors) {
    const std::size_t shard = tensor.first == moved ? 1 : 0;
    map[tensor.first] = shard == 1 ? "b.safetensors" : "a.safetensors";
    names[shard].push_back(tensor.first);
  }
  const auto message = [&](const std::function<void(const Scratch&)>& change) {
    const Scratch scratch;
    write_file(scratch / "config.json", tiny.config.dump());
    write_file(scratch / "model.safetensors.index.json", json({{"weight_map", map}}).dump());
    for (const int shard : {0, 1}) {
      tiny.write_tensors(scratch / (shard == 1 ? "b.safetensors" : "a.safetensors"), Dtype::f32, names[shard]);
    }
    change(scratch);
    std::string text = message_of<InputError>([&] { load_model(scratch.str()); });
    for (std::size_t at; (at = text.find(scratch.str() + "/")) != std::string::npos;) {
      text.erase(at, scratch.str().size() + 1);
    }
    return text;
  };
  const auto with_map = [&](const json& changed) {
    return message([&](const Scratch& scratch) {
      write_file(scratch / "model.safetensors.index.json", json({{"weight_map", changed}}).dump());
    });
  };
  const auto with_shard = [&](const std::vector<std::string>& held) {
    return message([&](const Scratch& s) { tiny.write_tensors(s / "b.safetensors", Dtype::f32, held); });
  };
  const std::string index = "model.safetensors.index.json: weight_map: ";
  CHECK(message([](const Scratch&) {}).empty());
  CHECK(message([](const Scratch& s) { std::filesystem::remove(s / "b.safetensors"); }) ==
        index + moved + " is in b.safetensors, which is not there");
  json changed = map;
  changed.erase(moved);
  changed["model.norm.weight"] = "b.safetensors";
  CHECK(with_map(changed) == index + "model.norm.weight is not in b.safetensors");
  changed = map;
  changed["model.extra.weight"] = "b.safetensors";
  CHECK(with_map(changed) == index + "model.extra.weight is not in b.safetensors");
  changed = map;
  changed.erase("model.norm.weight");
  CHECK(with_map(changed) ==
        "a.safetensors: tensor model.norm.weight is not in the weight_map of model.safetensors.index.json");
  CHECK(with_shard({moved, "model.norm.weight"}) ==
        "b.safetensors: tensor model.norm.weight lies in a.safetensors, too");
  CHECK(with_shard({"model.norm.weight"}) == index + moved + " is not in b.safetensors");
  CHECK_THAT(
      message(
          [](const Scratch& s) { write_file(s / "b.safetensors", file_bytes(s / "b.safetensors").substr(0, 300)); }),
      Contains("b.safetensors: tensor " + moved + ": its data ends at byte") && Contains("is the file truncated?"));
  CHECK_THAT(
      message([](const Scratch& s) { write_file(s / "b.safetensors", file_bytes(s / "b.safetensors").substr(0, 40)); }),
      Contains("b.safetensors: is not a safetensors file, or truncated"));
  TinyModel other = tiny_llama(65);
  other.tensors[moved] = other.tensors["model.norm.weight"];
  CHECK(message([&](const Scratch& s) { other.write_tensors(s / "b.safetensors", Dtype::f32, {moved}); }) ==
        "b.safetensors: tensor " + moved + " has shape [20] where [27,20] is needed");
}

TEST_CASE("reader: a checkpoint of the model without its head has names without their beginning") {
  const TinyModel tiny = tiny_llama(69, true);
  TinyModel bare;
  bare.config = tiny.config;
  for (const auto& [name, weight] : tiny.tensors) bare.tensors[name.substr(std::string("model.").size())] = weight;
  CHECK(logits(bare) == logits(tiny));
  bare.tensors["model.norm.weight"] = tiny.tensors.at("model.norm.weight");
  CHECK_THAT(refused(bare, [](TinyModel&) {}), Contains("does not use tensor model.norm.weight"));
}

TEST_CASE("reader: an embedding of another vocabulary is refused with both sizes") {
  for (const auto& [model, name] : {std::pair(tiny_llama(66), std::string("model.embed_tokens.weight")),
                                    std::pair(tiny_mamba(67), std::string("backbone.embeddings.weight"))}) {
    CHECK_THAT(with_key(model, "vocab_size", 51),
               Contains("tensor " + name + " has 50 rows, but the vocab_size of config.json is 51"));
  }
  TinyModel::Weight head = tiny_llama(68).tensors.at("lm_head.weight");
  head.shape[0] = 49;
  head.values.resize(49 * 20);
  CHECK_THAT(with_tensor(tiny_llama(68), "lm_head.weight", head),
             Contains("tensor lm_head.weight has 49 rows, but the vocab_size of config.json is 50"));
}

TEST_CASE("reader: end-of-text tokens of generation_config.json come before those of config.json") {
  const Scratch scratch;
  TinyModel tiny = tiny_llama(63);
  const auto ends = [&](const json& of_config, const std::string& generation) {
    tiny.config["eos_token_id"] = of_config;
    tiny.write(scratch.str());
    std::filesystem::remove(scratch / "generation_config.json");
    if (!generation.empty()) write_file(scratch / "generation_config.json", generation);
    return end_tokens(scratch.str());
  };
  const auto message = [&](const json& of_config, const std::string& generation) {
    return message_of<InputError>([&] { ends(of_config, generation); });
  };
  CHECK(ends(nullptr, "").empty());
  CHECK(ends(2, "") == std::vector<int>{2});
  CHECK(ends({2, 5, 128009}, "") == std::vector<int>{2, 5, 128009});
  CHECK(ends(json::array(), "").empty());
  CHECK(ends(2, R"({"eos_token_id": [7, 8], "do_sample": true, "top_p": 0.9, "x": Infinity})") ==
        std::vector<int>{7, 8});
  CHECK(ends(2, R"({"eos_token_id": null, "bos_token_id": 1})") == std::vector<int>{2});
  CHECK_THAT(message("</s>", ""), Contains("config.json: eos_token_id is \"</s>\", neither a token nor a list"));
  CHECK_THAT(message(-1, ""), Contains("eos_token_id is -1"));
  CHECK_THAT(message({2, 2.5}, ""), Contains("eos_token_id is [2,2.5]"));
  CHECK_THAT(message(4294967296, ""), Contains("eos_token_id is 4294967296"));
  CHECK_THAT(message(2, R"({"eos_token_id": true})"), Contains("generation_config.json: eos_token_id is true"));
  CHECK_THAT(message(2, R"({"repetition_penalty": 1.1})"),
             Contains("generation_config.json: repetition_penalty is 1.1"));
  CHECK_THAT(message(2, R"([])"), Contains("generation_config.json: is not a JSON object"));
}
