// What the decoders with attention differ in: one description for all families.
#pragma once

#include "flow/model/config.h"
#include "flow/model/rope.h"
#include "flow/model/weight_format.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace flexcim {

/// How a family's tensors are called behind "model.", which a checkpoint of the model without its head leaves out:
/// those of a block behind layers + its number + ".", linears and norms without ".weight".
struct DecoderNames {
  const char* embedding = nullptr;
  const char* norm = nullptr;  ///< behind the last block
  const char* layers = nullptr;
  const char* attention_norm = nullptr;
  const char* mlp_norm = nullptr;
  const char* output = nullptr;  ///< of attention; queries, keys and values are self_attn.{q,k,v}_proj in all families
  const char* gate = nullptr;    ///< of the feed-forward network, as the next; null: it has none
  const char* up = nullptr;
  const char* down = nullptr;
};

enum class NormKind { rms, layer };

/// Which linears have a bias. It is added on the host, to the linear's float output.
struct DecoderBiases {
  bool inputs = false;  ///< queries, keys, values
  bool output = false;  ///< of attention
  bool mlp = false;     ///< all of the feed-forward network
};

/// The checked values of a config.json.
struct DecoderConfig {
  DecoderNames names;
  int hidden = 0;        ///< hidden_size
  int intermediate = 0;  ///< intermediate_size, of OPT ffn_dim
  int layers = 0;        ///< num_hidden_layers
  int heads = 0;         ///< num_attention_heads
  int kv_heads = 0;      ///< num_key_value_heads, a divisor of heads
  int head = 0;          ///< head_dim; even with rotary positions
  int vocabulary = 0;    ///< vocab_size
  int context = 0;    ///< the longest sequence: max_position_embeddings, with dynamic scaling of rope times its factor
  float epsilon = 0;  ///< of all norms
  bool tied = false;  ///< tie_word_embeddings
  WeightFormat weights;  ///< quantization_config

  NormKind norm = NormKind::rms;
  bool norm_first = true;  ///< a norm before attention and network; otherwise behind their sum with the stream
  bool final_norm = true;  ///< one behind the last block
  std::optional<RopeParameters> rope;  ///< without: a learned vector for each position, added to the embedding
  bool head_norms = false;             ///< every head of queries and keys goes through an RMSNorm before it is rotated
  DecoderBiases biases;
  std::vector<std::size_t> windows;  ///< by block: how many tokens a token sees, itself among them; 1..context

  bool gated() const { return names.gate != nullptr; }  ///< silu(gate) * up; without: relu(up)
};

/// Each reads the config.json of one family: LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM,
/// OPTForCausalLM, with the defaults that transformers gives to keys that are missing. All throw InputError naming the
/// key, also for what is not supported and for keys that are not known (docs/flow.md §7).
DecoderConfig llama_config(const ModelConfig& config);
DecoderConfig mistral_config(const ModelConfig& config);
DecoderConfig qwen2_config(const ModelConfig& config);
DecoderConfig qwen3_config(const ModelConfig& config);
DecoderConfig opt_config(const ModelConfig& config);

}  // namespace flexcim
