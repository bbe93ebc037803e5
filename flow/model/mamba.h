// The Mamba architecture: gated blocks of a causal convolution and a selective scan (arXiv 2312.00752; tensor names of
// Hugging Face's MambaForCausalLM), and Falcon-Mamba, which also normalises the scan's parameters (arXiv 2410.05355).
#pragma once

#include "flow/model/config.h"
#include "flow/model/language_model.h"
#include "flow/model/parts.h"
#include "flow/model/selective_scan.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// The checked values of a Mamba config.json.
struct MambaConfig {
  int hidden = 0;         ///< hidden_size
  int inner = 0;          ///< intermediate_size; default expand * hidden_size, expand 2
  int layers = 0;         ///< num_hidden_layers
  int states = 0;         ///< state_size
  int taps = 0;           ///< conv_kernel
  int rank = 0;           ///< time_step_rank; "auto" or missing: ceil(hidden / 16)
  int vocabulary = 0;     ///< vocab_size
  int context = 0;        ///< max_position_embeddings; default 2048, the length that the published models saw
  float epsilon = 0;      ///< layer_norm_epsilon
  bool bias = false;      ///< use_bias, of in_proj and out_proj
  bool conv_bias = true;  ///< use_conv_bias
  bool tied = true;       ///< tie_word_embeddings
  WeightFormat weights;   ///< quantization_config
  std::optional<float> parameter_epsilon;  ///< of Falcon-Mamba: mixer_rms_eps, of the norms of time step, B and C
};

/// Both read the config.json of their family. Throw InputError naming the key; also for what is not supported
/// (activations other than silu) and for keys that are not known.
MambaConfig mamba_config(const ModelConfig& config);
MambaConfig falcon_mamba_config(const ModelConfig& config);

/// A Mamba whose tensors lie in a TensorStore. A block's linears are in_proj, x_proj, dt_proj and out_proj; biases are
/// added here.
class Mamba : public LanguageModel {
 public:
  /// `path` as for TensorStore. Throws InputError for missing tensors, wrong shapes, and tensors that are not used.
  Mamba(const std::string& path, const MambaConfig& config);

  int blocks() const override { return config_.layers; }
  int hidden() const override { return config_.hidden; }
  int vocabulary() const override { return config_.vocabulary; }
  int context() const override { return config_.context; }
  const std::vector<LinearInfo>& linears() const override { return linears_; }
  SequenceMemory sequence_memory() const override;
  Matrix<float> weights(const LinearInfo& linear) const override { return tensors_.weights(linear); }
  Matrix<float> embed(const std::vector<int>& tokens) const override { return ends_.embed(tokens); }
  std::unique_ptr<BlockState> new_state(int block) const override;
  std::unique_ptr<BlockPass> begin_block(int block, MatrixView<float> x, BlockState& state,
                                         LinearRunner& runner) const override;
  Matrix<float> logits(MatrixView<const float> x) const override { return ends_.logits(x); }
  Matrix<float> normalised(MatrixView<const float> x) const override { return ends_.normalised(x); }
  Matrix<float> head() const override { return ends_.head(); }

 private:
  class Pass;

  /// What a block has besides its linears.
  struct Layer {
    RmsNorm norm;
    std::vector<float> in_bias, out_bias;  ///< empty: none
    std::vector<RmsNorm> parameter_norms;  ///< of time step, B and C; empty: none
    CausalConvolution convolution;
    std::vector<float> step_bias;
    SelectiveScan scan;
  };

  MambaConfig config_;
  ModelTensors tensors_;
  ModelEnds ends_;
  std::vector<Layer> layers_;
  std::vector<LinearInfo> linears_;
};

}  // namespace flexcim
