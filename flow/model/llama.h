// The Llama architecture: RMSNorm, rotary positions, grouped-query attention, SwiGLU (tensor names of Hugging Face's
// LlamaForCausalLM).
#pragma once

#include "flow/model/config.h"
#include "flow/model/language_model.h"
#include "flow/model/operators.h"
#include "flow/model/parts.h"

#include <memory>
#include <string>
#include <vector>

namespace flexcim {

/// The checked values of a Llama config.json.
struct LlamaConfig {
  int hidden = 0;        ///< hidden_size
  int intermediate = 0;  ///< intermediate_size
  int layers = 0;        ///< num_hidden_layers
  int heads = 0;         ///< num_attention_heads
  int kv_heads = 0;      ///< num_key_value_heads, a divisor of heads; default heads
  int head = 0;          ///< head_dim, even; default hidden / heads
  int vocabulary = 0;    ///< vocab_size
  int context = 0;       ///< max_position_embeddings
  float epsilon = 0;     ///< rms_norm_eps
  double theta = 0;      ///< rope_theta (rope_base)
  bool tied = false;     ///< tie_word_embeddings

  /// Throws InputError naming the key; also for what is not supported (rope scaling, biases, activations other than
  /// silu, windows) and for keys that are not known.
  explicit LlamaConfig(const ModelConfig& config);
};

/// A Llama whose tensors lie in a TensorStore.
class Llama : public LanguageModel {
 public:
  /// `path` as for TensorStore. Throws InputError for missing tensors, wrong shapes, and tensors that are not used.
  Llama(const std::string& path, const LlamaConfig& config);

  int blocks() const override { return config_.layers; }
  int hidden() const override { return config_.hidden; }
  int vocabulary() const override { return config_.vocabulary; }
  int context() const override { return config_.context; }
  const std::vector<LinearInfo>& linears() const override { return linears_; }
  SequenceMemory sequence_memory() const override {
    return {{2 * static_cast<std::uint64_t>(config_.kv_heads), static_cast<std::uint64_t>(config_.head)}, 0};
  }
  Matrix<float> weights(const LinearInfo& linear) const override { return tensors_.weights(linear); }
  Matrix<float> embed(const std::vector<int>& tokens) const override { return ends_.embed(tokens); }
  std::unique_ptr<BlockState> new_state(int block) const override;
  std::unique_ptr<BlockPass> begin_block(int block, MatrixView<float> x, BlockState& state,
                                         LinearRunner& runner) const override;
  Matrix<float> logits(MatrixView<const float> x) const override { return ends_.logits(x); }
  Matrix<float> normalised(MatrixView<const float> x) const override { return ends_.normalised(x); }
  Matrix<float> head() const override { return ends_.head(); }

  /// What it is made of besides its linears, for who runs it elsewhere.
  struct Norms {
    RmsNorm attention;
    RmsNorm mlp;
  };
  const LlamaConfig& config() const { return config_; }
  const std::vector<Norms>& norms() const { return norms_; }  ///< by block
  const Rope& rope() const { return rope_; }
  const ModelEnds& ends() const { return ends_; }

 private:
  class Pass;

  void require_frequencies(const std::string& name);

  LlamaConfig config_;
  ModelTensors tensors_;
  ModelEnds ends_;
  Rope rope_;
  std::vector<Norms> norms_;
  std::vector<LinearInfo> linears_;
};

}  // namespace flexcim
