#include "flow/model/linear_shapes.h"

#include "flow/base/mapped_file.h"
#include "flow/model/config.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace flexcim {
namespace {

constexpr int kMostBlocks = 10000;
constexpr int kLongest = 1 << 24;  // sequence

/// A linear of every block.
struct PerBlock {
  const char* name;
  int out, in;
  FfnSide ffn = FfnSide::none;
};

int number(const ModelConfig& config, const char* key, std::optional<int> otherwise = {}) {
  return config.integer(key, 1, kLargestDimension, otherwise);
}

ModelShapes repeat(const ModelConfig& config, const std::string& prefix, const std::vector<PerBlock>& linears) {
  ModelShapes shapes;
  shapes.blocks = config.integer("num_hidden_layers", 1, kMostBlocks);
  for (int block = 0; block < shapes.blocks; ++block) {
    for (const PerBlock& linear : linears) {
      shapes.linears.push_back(
          {prefix + std::to_string(block) + "." + linear.name, block, linear.out, linear.in, linear.ffn});
    }
  }
  shapes.hidden = number(config, "hidden_size");
  return shapes;
}

void add_head(const ModelConfig& config, ModelShapes& shapes) {
  shapes.vocabulary = config.integer("vocab_size", 1, 1 << 24);
  shapes.linears.push_back({"lm_head", -1, shapes.vocabulary, shapes.hidden});
}

std::uint64_t units(int value) { return static_cast<std::uint64_t>(value); }

/// The window of Mistral, and of Qwen where it is used.
int window_of(const ModelConfig& config, bool used) {
  const bool none = config.holds("sliding_window") && config.raw("sliding_window").is_null();
  return used && !none ? config.integer("sliding_window", 1, INT32_MAX, 4096) : 0;
}

/// Which linears have a bias.
struct Biases {
  bool inputs = false;  ///< queries, keys, values
  bool output = false;  ///< of attention
  bool mlp = false;
};

/// Llama and what has its linears: grouped-query attention and a gated feed-forward network.
/// The defaults stand for num_key_value_heads and head_dim where these keys are missing.
ModelShapes rotary(const ModelConfig& config, const Biases& biases, std::optional<int> default_kv_heads = {},
                   std::optional<int> default_head = {}) {
  const int hidden = number(config, "hidden_size");
  const int heads = config.integer("num_attention_heads", 1, hidden);
  const int missing_kv_heads = config.holds("num_key_value_heads") ? heads : default_kv_heads.value_or(heads);
  const int kv_heads = config.integer("num_key_value_heads", 1, heads, missing_kv_heads);
  const int head = number(config, "head_dim", default_head.value_or(hidden / heads));
  if (config.raw("head_dim").is_null() && !default_head && hidden % heads != 0) {
    config.fail("num_attention_heads", "does not divide hidden_size");
  }
  if (heads % kv_heads != 0) config.fail("num_key_value_heads", "does not divide num_attention_heads");
  if (heads > kLargestDimension / head) config.fail("head_dim", "times num_attention_heads is absurd");
  const int ffn = number(config, "intermediate_size");
  ModelShapes shapes = repeat(config, "model.layers.",
                              {{"self_attn.q_proj", heads * head, hidden},
                               {"self_attn.k_proj", kv_heads * head, hidden},
                               {"self_attn.v_proj", kv_heads * head, hidden},
                               {"self_attn.o_proj", hidden, heads * head},
                               {"mlp.gate_proj", ffn, hidden, FfnSide::out},
                               {"mlp.up_proj", ffn, hidden, FfnSide::out},
                               {"mlp.down_proj", hidden, ffn, FfnSide::in}});
  add_head(config, shapes);
  shapes.ffn = ffn;
  shapes.heads = heads;
  shapes.kv_heads = kv_heads;
  shapes.head = head;
  shapes.positions = config.integer("max_position_embeddings", 1, kLongest, 0);
  const std::uint64_t turned = units(heads + kv_heads) * units(head);
  shapes.operators = {{OperatorClass::norm, 2 * units(hidden)},
                      {OperatorClass::rope, turned},
                      {OperatorClass::elementwise, 2 * units(hidden)},
                      {OperatorClass::activation, units(ffn), true},
                      {OperatorClass::elementwise, units(ffn), true}};
  const auto add_biases = [&](bool there, std::uint64_t values, bool of_ffn = false) {
    if (there) shapes.operators.push_back({OperatorClass::elementwise, values, of_ffn});
  };
  add_biases(biases.inputs, turned + units(kv_heads) * units(head));
  add_biases(biases.output, units(hidden));
  add_biases(biases.mlp, 2 * units(ffn), true);
  add_biases(biases.mlp, units(hidden));
  return shapes;
}

ModelShapes llama(const ModelConfig& config) {
  const bool attention = config.boolean("attention_bias", false);
  return rotary(config, {attention, attention, config.boolean("mlp_bias", false)});
}

ModelShapes mistral(const ModelConfig& config) {
  ModelShapes shapes = rotary(config, {}, 8);
  shapes.window = window_of(config, true);
  return shapes;
}

ModelShapes qwen2(const ModelConfig& config) {
  ModelShapes shapes = rotary(config, {true, false, false}, 32);
  shapes.window = window_of(config, config.boolean("use_sliding_window", false));
  return shapes;
}

ModelShapes qwen3(const ModelConfig& config) {
  const bool attention = config.boolean("attention_bias", false);
  ModelShapes shapes = rotary(config, {attention, attention, false}, 32, 128);
  const std::uint64_t turned = shapes.operators[1].units;  // queries and keys, which are normalised first
  shapes.operators.push_back({OperatorClass::norm, turned});
  shapes.window = window_of(config, config.boolean("use_sliding_window", false));
  return shapes;
}

/// A block of two norms, attention with as many keys as queries, and a feed-forward network without gate. The names are
/// those of a block, and of the linears of the network; `activation` is what its activation counts as.
ModelShapes plain(const ModelConfig& config, const std::string& prefix, const char* first, const char* second, int ffn,
                  OperatorClass activation) {
  const int hidden = number(config, "hidden_size");
  const int heads = config.integer("num_attention_heads", 1, hidden);
  if (hidden % heads != 0) config.fail("num_attention_heads", "does not divide hidden_size");
  ModelShapes shapes = repeat(config, prefix,
                              {{"self_attn.q_proj", hidden, hidden},
                               {"self_attn.k_proj", hidden, hidden},
                               {"self_attn.v_proj", hidden, hidden},
                               {"self_attn.out_proj", hidden, hidden},
                               {first, ffn, hidden, FfnSide::out},
                               {second, hidden, ffn, FfnSide::in}});
  shapes.ffn = ffn;
  shapes.heads = shapes.kv_heads = heads;
  shapes.head = hidden / heads;
  shapes.operators = {{OperatorClass::norm, 2 * units(hidden)},
                      {OperatorClass::elementwise, 2 * units(hidden)},
                      {activation, units(ffn), true}};
  return shapes;
}

ModelShapes opt(const ModelConfig& config) {
  config.require("word_embed_proj_dim", number(config, "hidden_size"));
  ModelShapes shapes =
      plain(config, "model.decoder.layers.", "fc1", "fc2", number(config, "ffn_dim"), OperatorClass::elementwise);
  if (config.boolean("enable_bias", true)) {
    shapes.operators.push_back({OperatorClass::elementwise, 5 * units(shapes.hidden)});
    shapes.operators.push_back({OperatorClass::elementwise, units(shapes.ffn), true});
  }
  add_head(config, shapes);
  shapes.positions = config.integer("max_position_embeddings", 1, kLongest, 0);
  shapes.learned_positions = true;
  return shapes;
}

/// The vision encoder of CLIP: a token for each patch of the image, and one for the whole.
ModelShapes clip_vision(const ModelConfig& config) {
  ModelShapes shapes = plain(config, "vision_model.encoder.layers.", "mlp.fc1", "mlp.fc2",
                             number(config, "intermediate_size"), OperatorClass::activation);
  const int side = config.integer("image_size", 1, 1 << 14) / config.integer("patch_size", 1, 1 << 14);
  shapes.positions = side * side + 1;
  return shapes;
}

/// Mamba, or Falcon-Mamba with its norms of the scan's parameters.
ModelShapes mamba(const ModelConfig& config, bool falcon) {
  const int hidden = number(config, "hidden_size");
  const int inner = number(config, "intermediate_size", config.integer("expand", 1, 64, 2) * hidden);
  const int state = number(config, "state_size", 16);
  // "auto" stands for ceil(hidden / 16).
  const int automatic = (hidden + 15) / 16;
  const int rank = config.raw("time_step_rank") == "auto" ? automatic : number(config, "time_step_rank", automatic);
  if (inner > kLargestDimension / 2) config.fail("intermediate_size", "is absurd");
  ModelShapes shapes = repeat(config, "backbone.layers.",
                              {{"mixer.in_proj", 2 * inner, hidden},
                               {"mixer.x_proj", rank + 2 * state, inner},
                               {"mixer.dt_proj", inner, rank},
                               {"mixer.out_proj", hidden, inner}});
  add_head(config, shapes);
  const int taps = config.integer("conv_kernel", 1, 64, 4);
  shapes.convolution_state = units(inner) * units(taps - 1);
  shapes.scan_state = units(inner) * units(state);
  shapes.operators = {{OperatorClass::norm, units(hidden)},
                      {OperatorClass::convolution, units(inner) * units(taps)},
                      {OperatorClass::activation, 3 * units(inner)},
                      {OperatorClass::scan, units(inner) * units(state)},
                      {OperatorClass::elementwise, units(inner) + units(hidden)}};
  if (falcon) shapes.operators.push_back({OperatorClass::norm, units(rank + 2 * state)});
  if (config.boolean("use_bias", false)) {
    shapes.operators.push_back({OperatorClass::elementwise, 2 * units(inner) + units(hidden)});
  }
  return shapes;
}

/// By model_type.
constexpr std::pair<std::string_view, ModelShapes (*)(const ModelConfig&)> kReaders[] = {
    {"llama", llama},
    {"mistral", mistral},
    {"qwen2", qwen2},
    {"qwen3", qwen3},
    {"opt", opt},
    {"mamba", [](const ModelConfig& config) { return mamba(config, false); }},
    {"falcon_mamba", [](const ModelConfig& config) { return mamba(config, true); }},
    {"clip_vision_model", clip_vision}};

}  // namespace

ModelShapes model_shapes(const std::string& path) {
  const ModelConfig config(MappedFile(path).text(), path);
  const std::string type = config.text("model_type", "");
  const auto reader =
      std::find_if(std::begin(kReaders), std::end(kReaders), [&](const auto& each) { return each.first == type; });
  if (reader == std::end(kReaders)) {
    std::string known;
    for (const auto& each : kReaders) known += (known.empty() ? "" : ", ") + std::string(each.first);
    config.fail("model_type", "is \"" + type + "\"; known are " + known);
  }
  ModelShapes shapes = reader->second(config);
  shapes.type = type;
  return shapes;
}

}  // namespace flexcim
