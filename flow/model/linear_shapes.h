// A published model by its config.json alone, without weights: its linears, and the work that is none.
#pragma once

#include "flow/model/operator_class.h"

#include <cstdint>
#include <string>
#include <vector>

namespace flexcim {

/// Which side of a linear is as wide as the feed-forward network.
enum class FfnSide { none, out, in };

/// A linear that computes tokens x in times in x out.
struct LinearShape {
  std::string name;  ///< as the model's tensors are called, without ".weight"
  int block = 0;     ///< -1 for the linear behind the last block that gives the logits
  int out = 0, in = 0;
  FfnSide ffn = FfnSide::none;
};

/// What a block computes for every token besides its linears and attention.
struct OperatorShape {
  OperatorClass operators = OperatorClass::norm;
  std::uint64_t units = 0;
  bool ffn = false;  ///< in proportion to the width of the feed-forward network
};

struct ModelShapes {
  std::string type;  ///< model_type of the config
  int blocks = 0;
  std::vector<LinearShape> linears;  ///< block by block in the model's own order, then the one that gives the logits
  int hidden = 0;
  int vocabulary = 0;                    ///< 0 for an encoder, which gives no logits
  int ffn = 0;                           ///< width of the feed-forward network, 0 without
  int heads = 0, head = 0;               ///< of the queries, and the width of one; 0 without attention
  int kv_heads = 0;                      ///< of keys and values
  std::uint64_t convolution_state = 0;   ///< values that a block remembers of a sequence, whatever its length ...
  std::uint64_t scan_state = 0;          ///< ... for its convolution and for its scan
  int positions = 0;                     ///< tokens that a sequence may have, 0 where the config names no limit
  int window = 0;                        ///< tokens that a token sees in some block or in all; 0 where it sees all
  bool learned_positions = false;        ///< vectors that are added to the embeddings
  std::vector<OperatorShape> operators;  ///< of a block, as the model's forward pass counts them
};

/// `config`: a config.json in the Hugging Face layout, of model_type llama, mistral, qwen2, qwen3, opt, mamba,
/// falcon_mamba or clip_vision_model, whose image patches are its tokens. Only what gives shapes is read: a model may
/// be beyond what `flexcim flow` can run. Throws InputError naming file and key.
ModelShapes model_shapes(const std::string& config);

}  // namespace flexcim
