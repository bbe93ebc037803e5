// Decoders with attention: Llama and its relatives, OPT (tensor names of Hugging Face). One block for all of them;
// DecoderConfig says in what they differ.
#pragma once

#include "flow/model/decoder_config.h"
#include "flow/model/language_model.h"
#include "flow/model/operators.h"
#include "flow/model/parts.h"
#include "flow/model/rope.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flexcim {

/// A decoder whose tensors lie in a TensorStore. A block's linears are queries, keys, values, the output of attention,
/// and of the network gate (where there is one), up and down.
class Decoder : public LanguageModel {
 public:
  /// `path` as for TensorStore. Throws InputError for missing tensors, wrong shapes, and tensors that are not used.
  Decoder(const std::string& path, const DecoderConfig& config);

  int blocks() const override { return config_.layers; }
  int hidden() const override { return config_.hidden; }
  int vocabulary() const override { return config_.vocabulary; }
  int context() const override { return config_.context; }
  const std::vector<LinearInfo>& linears() const override { return linears_; }
  SequenceMemory sequence_memory() const override {
    return {{2 * static_cast<std::uint64_t>(config_.kv_heads), static_cast<std::uint64_t>(config_.head)}, 0};
  }
  AttentionShape attention() const override { return {config_.heads, config_.kv_heads, config_.head}; }
  Matrix<float> weights(const LinearInfo& linear) const override { return tensors_.weights(linear); }
  Matrix<float> embed(const std::vector<int>& tokens) const override { return ends_.embed(tokens); }
  std::unique_ptr<BlockState> new_state(int block) const override;
  std::unique_ptr<BlockPass> begin_block(int block, MatrixView<float> x, BlockState& state,
                                         LinearRunner& runner) const override;
  Matrix<float> logits(MatrixView<const float> x) const override { return ends_.logits(x); }
  bool final_norm() const override { return config_.final_norm; }
  Matrix<float> normalised(MatrixView<const float> x) const override { return ends_.normalised(x); }
  Matrix<float> head() const override { return ends_.head(); }

  /// What it is made of besides its linears, for who runs it elsewhere.
  struct HeadNorms {
    RmsNorm query;
    RmsNorm key;
  };
  struct Norms {
    Norm attention;
    Norm mlp;
    std::optional<HeadNorms> heads;
  };
  const DecoderConfig& config() const { return config_; }
  const std::vector<Norms>& norms() const { return norms_; }  ///< by block
  const std::optional<Rope>& rope() const { return rope_; }
  const ModelEnds& ends() const { return ends_; }

 private:
  class Pass;

  Norm norm(const std::string& name);
  std::optional<Norm> norm_behind_blocks();
  void add_linears(int block);
  void require_frequencies(const std::string& name);

  DecoderConfig config_;
  ModelTensors tensors_;
  std::string prefix_;  ///< of all tensors but the head
  ModelEnds ends_;
  std::optional<Rope> rope_;
  Matrix<float> positions_;  ///< learned, context x hidden; empty where they are rotary
  std::vector<Norms> norms_;
  std::vector<LinearInfo> linears_;
  std::vector<std::vector<float>> biases_;  ///< by linear, empty where it has none
};

}  // namespace flexcim
