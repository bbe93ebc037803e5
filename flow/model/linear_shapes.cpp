#include "flow/model/linear_shapes.h"

#include "flow/base/mapped_file.h"
#include "flow/model/config.h"

namespace flexcim {
namespace {

constexpr int kLargest = 1 << 20;  // of any dimension
constexpr int kMostBlocks = 10000;
constexpr int kLongest = 1 << 24;  // sequence

/// A linear of every block.
struct PerBlock {
  const char* name;
  int out, in;
  FfnSide ffn = FfnSide::none;
};

int number(const ModelConfig& config, const char* key, std::optional<int> otherwise = {}) {
  return config.integer(key, 1, kLargest, otherwise);
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

using C = OperatorClass;
std::uint64_t units(int value) { return static_cast<std::uint64_t>(value); }

/// Llama and what has its linears: grouped-query attention and a gated feed-forward network.
ModelShapes llama(const ModelConfig& config) {
  const int hidden = number(config, "hidden_size");
  const int heads = config.integer("num_attention_heads", 1, hidden);
  const int kv_heads = config.integer("num_key_value_heads", 1, heads, heads);
  const int head = number(config, "head_dim", hidden / heads);
  if (config.raw("head_dim").is_null() && hidden % heads != 0) {
    config.fail("num_attention_heads", "does not divide hidden_size");
  }
  if (heads > kLargest / head) config.fail("head_dim", "times num_attention_heads is absurd");
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
  shapes.head = head;
  shapes.positions = config.integer("max_position_embeddings", 1, kLongest, 0);
  shapes.operators = {{C::norm, 2 * units(hidden)},
                      {C::rope, units(heads + kv_heads) * units(head)},
                      {C::elementwise, 2 * units(hidden)},
                      {C::activation, units(ffn), true},
                      {C::elementwise, units(ffn), true}};
  return shapes;
}

/// A block of two norms, attention with as many keys as queries, and a feed-forward network without gate. The names are
/// those of a block, and of the linears of the network.
ModelShapes plain(const ModelConfig& config, const std::string& prefix, const char* first, const char* second,
                  int ffn) {
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
  shapes.heads = heads;
  shapes.head = hidden / heads;
  shapes.operators = {
      {C::norm, 2 * units(hidden)}, {C::elementwise, 2 * units(hidden)}, {C::activation, units(ffn), true}};
  return shapes;
}

ModelShapes opt(const ModelConfig& config) {
  config.require("word_embed_proj_dim", number(config, "hidden_size"));
  ModelShapes shapes = plain(config, "model.decoder.layers.", "fc1", "fc2", number(config, "ffn_dim"));
  add_head(config, shapes);
  shapes.positions = config.integer("max_position_embeddings", 1, kLongest, 0);
  return shapes;
}

/// The vision encoder of CLIP: a token for each patch of the image, and one for the whole.
ModelShapes clip_vision(const ModelConfig& config) {
  ModelShapes shapes =
      plain(config, "vision_model.encoder.layers.", "mlp.fc1", "mlp.fc2", number(config, "intermediate_size"));
  const int side = config.integer("image_size", 1, 1 << 14) / config.integer("patch_size", 1, 1 << 14);
  shapes.positions = side * side + 1;
  return shapes;
}

ModelShapes mamba(const ModelConfig& config) {
  const int hidden = number(config, "hidden_size");
  const int inner = number(config, "intermediate_size", config.integer("expand", 1, 64, 2) * hidden);
  const int state = number(config, "state_size", 16);
  // "auto" stands for ceil(hidden / 16).
  const int automatic = (hidden + 15) / 16;
  const int rank = config.raw("time_step_rank") == "auto" ? automatic : number(config, "time_step_rank", automatic);
  if (inner > kLargest / 2) config.fail("intermediate_size", "is absurd");
  ModelShapes shapes = repeat(config, "backbone.layers.",
                              {{"mixer.in_proj", 2 * inner, hidden},
                               {"mixer.x_proj", rank + 2 * state, inner},
                               {"mixer.dt_proj", inner, rank},
                               {"mixer.out_proj", hidden, inner}});
  add_head(config, shapes);
  shapes.operators = {{C::norm, units(hidden)},
                      {C::convolution, units(inner) * units(config.integer("conv_kernel", 1, 64, 4))},
                      {C::activation, 3 * units(inner)},
                      {C::scan, units(inner) * units(state)},
                      {C::elementwise, units(inner) + units(hidden)}};
  return shapes;
}

}  // namespace

ModelShapes model_shapes(const std::string& path) {
  const ModelConfig config(MappedFile(path).text(), path);
  const std::string type = config.text("model_type", "");
  ModelShapes shapes;
  if (type == "llama" || type == "mistral" || type == "qwen2") {
    shapes = llama(config);
  } else if (type == "opt") {
    shapes = opt(config);
  } else if (type == "mamba") {
    shapes = mamba(config);
  } else if (type == "clip_vision_model") {
    shapes = clip_vision(config);
  } else {
    config.fail("model_type", "is \"" + type + "\"; known are llama, mistral, qwen2, opt, mamba and clip_vision_model");
  }
  shapes.type = type;
  return shapes;
}

}  // namespace flexcim
