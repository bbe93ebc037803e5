#include "flow/model/linear_shapes.h"

#include "flow/base/mapped_file.h"
#include "flow/model/config.h"

namespace flexcim {
namespace {

constexpr int kLargest = 1 << 20;  // of any dimension
constexpr int kMostBlocks = 10000;

/// A linear of every block.
struct PerBlock {
  const char* name;
  int out, in;
};

int number(const ModelConfig& config, const char* key, std::optional<int> otherwise = {}) {
  return config.integer(key, 1, kLargest, otherwise);
}

ModelShapes repeat(const ModelConfig& config, const std::string& prefix, const std::vector<PerBlock>& linears) {
  ModelShapes shapes;
  shapes.blocks = config.integer("num_hidden_layers", 1, kMostBlocks);
  for (int block = 0; block < shapes.blocks; ++block) {
    for (const PerBlock& linear : linears) {
      shapes.linears.push_back({prefix + std::to_string(block) + "." + linear.name, block, linear.out, linear.in});
    }
  }
  shapes.linears.push_back({"lm_head", -1, config.integer("vocab_size", 1, 1 << 24), number(config, "hidden_size")});
  return shapes;
}

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
  return repeat(config, "model.layers.",
                {{"self_attn.q_proj", heads * head, hidden},
                 {"self_attn.k_proj", kv_heads * head, hidden},
                 {"self_attn.v_proj", kv_heads * head, hidden},
                 {"self_attn.o_proj", hidden, heads * head},
                 {"mlp.gate_proj", ffn, hidden},
                 {"mlp.up_proj", ffn, hidden},
                 {"mlp.down_proj", hidden, ffn}});
}

ModelShapes opt(const ModelConfig& config) {
  const int hidden = number(config, "hidden_size");
  const int ffn = number(config, "ffn_dim");
  config.require("word_embed_proj_dim", hidden);
  return repeat(config, "model.decoder.layers.",
                {{"self_attn.q_proj", hidden, hidden},
                 {"self_attn.k_proj", hidden, hidden},
                 {"self_attn.v_proj", hidden, hidden},
                 {"self_attn.out_proj", hidden, hidden},
                 {"fc1", ffn, hidden},
                 {"fc2", hidden, ffn}});
}

ModelShapes mamba(const ModelConfig& config) {
  const int hidden = number(config, "hidden_size");
  const int inner = number(config, "intermediate_size", config.integer("expand", 1, 64, 2) * hidden);
  const int state = number(config, "state_size", 16);
  // "auto" stands for ceil(hidden / 16).
  const int automatic = (hidden + 15) / 16;
  const int rank = config.raw("time_step_rank") == "auto" ? automatic : number(config, "time_step_rank", automatic);
  if (inner > kLargest / 2) config.fail("intermediate_size", "is absurd");
  return repeat(config, "backbone.layers.",
                {{"mixer.in_proj", 2 * inner, hidden},
                 {"mixer.x_proj", rank + 2 * state, inner},
                 {"mixer.dt_proj", inner, rank},
                 {"mixer.out_proj", hidden, inner}});
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
  } else {
    config.fail("model_type", "is \"" + type + "\"; known are llama, mistral, qwen2, opt and mamba");
  }
  shapes.type = type;
  return shapes;
}

}  // namespace flexcim
