// Small random models on disk, for tests of everything that loads one.
#pragma once

#include "flow/base/float16.h"
#include "flow/base/matrix.h"
#include "flow/base/safetensors_writer.h"
#include "tests/flow/scratch.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

/// A model directory's content.
struct TinyModel {
  struct Weight {
    std::vector<std::size_t> shape;
    std::vector<float> values;  ///< exact in F16 and BF16, so that every file type holds the same model
  };
  nlohmann::json config;
  std::map<std::string, Weight> tensors;

  void add(const std::string& name, std::vector<std::size_t> shape, float spread, float centre, std::mt19937& random) {
    std::size_t count = 1;
    for (const std::size_t extent : shape) count *= extent;
    Weight& weight = tensors[name];
    weight.shape = std::move(shape);
    for (std::size_t i = 0; i < count; ++i) {
      const float raw = centre + spread * (static_cast<float>(random() % 2001) / 1000.0f - 1.0f);
      weight.values.push_back(flexcim::float_from_bits(flexcim::bits_of(raw) & 0xFFFF0000u));
    }
  }

  void write_tensors(const std::string& path, flexcim::Dtype type, const std::vector<std::string>& names) const {
    std::vector<flexcim::TensorDeclaration> declarations;
    for (const std::string& name : names) declarations.push_back({name, type, tensors.at(name).shape});
    flexcim::SafetensorsWriter writer(path, declarations, {{"format", "pt"}});
    for (const std::string& name : names) {
      for (const float value : tensors.at(name).values) {
        const std::uint16_t half = type == flexcim::Dtype::f16
                                       ? flexcim::float_to_float16(value)
                                       : static_cast<std::uint16_t>(flexcim::bits_of(value) >> 16);
        if (type == flexcim::Dtype::f32) {
          writer.write(name, &value, sizeof value);
        } else {
          writer.write(name, &half, sizeof half);
        }
      }
    }
    writer.finish();
  }

  /// config.json and model.safetensors in `directory`.
  void write(const std::string& directory, flexcim::Dtype type = flexcim::Dtype::f32) const {
    std::vector<std::string> names;
    for (const auto& tensor : tensors) names.push_back(tensor.first);
    write_tensors(directory + "/model.safetensors", type, names);
    write_file(directory + "/config.json", config.dump());
  }
};

/// A Llama whose dimensions fill no SIMD register evenly: hidden 20, 4 heads of 6 over 2 key/value heads, intermediate
/// 27.
inline TinyModel tiny_llama(unsigned seed, bool tied = false, int layers = 2, int vocabulary = 50) {
  const auto tokens = static_cast<std::size_t>(vocabulary);
  TinyModel model;
  model.config = {{"architectures", {"LlamaForCausalLM"}},
                  {"model_type", "llama"},
                  {"hidden_size", 20},
                  {"intermediate_size", 27},
                  {"num_hidden_layers", layers},
                  {"num_attention_heads", 4},
                  {"num_key_value_heads", 2},
                  {"head_dim", 6},
                  {"max_position_embeddings", 64},
                  {"rms_norm_eps", 1e-5},
                  {"rope_theta", 100.0},
                  {"hidden_act", "silu"},
                  {"tie_word_embeddings", tied},
                  {"vocab_size", vocabulary}};
  std::mt19937 random(seed);
  model.add("model.embed_tokens.weight", {tokens, 20}, 1.0f, 0.0f, random);
  model.add("model.norm.weight", {20}, 0.5f, 1.0f, random);
  if (!tied) model.add("lm_head.weight", {tokens, 20}, 0.5f, 0.0f, random);
  for (int i = 0; i < layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    model.add(layer + "input_layernorm.weight", {20}, 0.5f, 1.0f, random);
    model.add(layer + "post_attention_layernorm.weight", {20}, 0.5f, 1.0f, random);
    model.add(layer + "self_attn.q_proj.weight", {24, 20}, 0.6f, 0.0f, random);
    model.add(layer + "self_attn.k_proj.weight", {12, 20}, 0.6f, 0.0f, random);
    model.add(layer + "self_attn.v_proj.weight", {12, 20}, 0.6f, 0.0f, random);
    model.add(layer + "self_attn.o_proj.weight", {20, 24}, 0.6f, 0.0f, random);
    model.add(layer + "mlp.gate_proj.weight", {27, 20}, 0.6f, 0.0f, random);
    model.add(layer + "mlp.up_proj.weight", {27, 20}, 0.6f, 0.0f, random);
    model.add(layer + "mlp.down_proj.weight", {20, 27}, 0.6f, 0.0f, random);
  }
  return model;
}

/// A Llama whose every linear has a bias.
inline TinyModel biased_llama(unsigned seed) {
  TinyModel model = tiny_llama(seed);
  model.config["attention_bias"] = true;
  model.config["mlp_bias"] = true;
  std::mt19937 random(seed + 1);
  const std::map<std::string, TinyModel::Weight> tensors = model.tensors;
  for (const auto& [name, weight] : tensors) {
    const std::size_t end = name.find("_proj.weight");
    if (end != std::string::npos) model.add(name.substr(0, end) + "_proj.bias", {weight.shape[0]}, 1.0f, 0.0f, random);
  }
  return model;
}

/// A Mamba: hidden 20, 37 channels, 3 states, 4 taps, time steps of rank 5.
inline TinyModel tiny_mamba(unsigned seed, int layers = 2, int vocabulary = 50) {
  const auto tokens = static_cast<std::size_t>(vocabulary);
  TinyModel model;
  model.config = {{"architectures", {"MambaForCausalLM"}},
                  {"model_type", "mamba"},
                  {"hidden_size", 20},
                  {"intermediate_size", 37},
                  {"num_hidden_layers", layers},
                  {"state_size", 3},
                  {"conv_kernel", 4},
                  {"time_step_rank", 5},
                  {"max_position_embeddings", 64},
                  {"layer_norm_epsilon", 1e-5},
                  {"hidden_act", "silu"},
                  {"use_bias", false},
                  {"use_conv_bias", true},
                  {"vocab_size", vocabulary}};
  std::mt19937 random(seed);
  model.add("backbone.embeddings.weight", {tokens, 20}, 1.0f, 0.0f, random);
  model.add("backbone.norm_f.weight", {20}, 0.5f, 1.0f, random);
  for (int i = 0; i < layers; ++i) {
    const std::string layer = "backbone.layers." + std::to_string(i) + ".";
    model.add(layer + "norm.weight", {20}, 0.5f, 1.0f, random);
    model.add(layer + "mixer.in_proj.weight", {74, 20}, 0.6f, 0.0f, random);
    model.add(layer + "mixer.conv1d.weight", {37, 1, 4}, 0.6f, 0.0f, random);
    model.add(layer + "mixer.conv1d.bias", {37}, 0.3f, 0.0f, random);
    model.add(layer + "mixer.x_proj.weight", {11, 37}, 0.6f, 0.0f, random);
    model.add(layer + "mixer.dt_proj.weight", {37, 5}, 0.6f, 0.0f, random);
    model.add(layer + "mixer.dt_proj.bias", {37}, 1.0f, -1.0f, random);
    model.add(layer + "mixer.A_log", {37, 3}, 1.0f, 0.0f, random);
    model.add(layer + "mixer.D", {37}, 0.5f, 1.0f, random);
    model.add(layer + "mixer.out_proj.weight", {20, 37}, 0.6f, 0.0f, random);
  }
  return model;
}
