// A language model as FLOW sees it: blocks that hold linears, run block by block (flow.md §7).
#pragma once

#include "flow/base/matrix.h"
#include "flow/model/model_memory.h"
#include "flow/model/model_text.h"
#include "flow/model/operator_class.h"

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace flexcim {

/// One linear of a block, without its weights.
struct LinearInfo {
  std::string name;  ///< the tensor's name without ".weight", e.g. "model.layers.0.self_attn.q_proj"
  int block = 0;     ///< 0..L-1
  int index = 0;     ///< position inside the block, in the model's own order
  int out = 0;
  int in = 0;
  int stage = 0;  ///< linears of a block that read the same input have the same; it rises in the model's own order
};

class AttentionProducts;

/// Runs the linears of a model. The float pass, calibration, int8 inference and the simulated hardware are each one of
/// these, so that there is one forward pass per architecture.
class LinearRunner {
 public:
  virtual ~LinearRunner() = default;
  /// y[token][out] = x[token][in] * W^T, without bias, which the model adds. Shapes as in `linear`; y is overwritten.
  /// Throws InputError naming linear, token (of x) and column for an input that is not finite. Runners that may be
  /// shared between threads say so.
  virtual void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) = 0;
  /// Whether it runs the output head (head_linear) like any other linear; the model computes it otherwise.
  virtual bool runs_head() const { return false; }
  /// Who forms the products of attention of one pass of `block` in int8 (int8_attention.h); null, where the model does
  /// so in float. Of a sequence, always or never.
  virtual std::unique_ptr<AttentionProducts> attention(int block);
  /// To be called for everything else that the model computes, in its order, with the amount and what it moves of the
  /// model's memory: for models of its cost.
  void on_operator(OperatorClass operators, std::uint64_t units, const MemoryUse& use = {}) {
    count(operators, units, use);
  }

 private:
  virtual void count(OperatorClass /*operators*/, std::uint64_t /*units*/, const MemoryUse& /*use*/) {}
};

/// The heads of attention; none at all where a model has no attention.
struct AttentionShape {
  int heads = 0;     ///< of queries, a multiple of
  int kv_heads = 0;  ///< those of keys and values
  int head = 0;      ///< values of one
};

/// What a block remembers of a sequence between calls (key/value cache, convolution and scan state).
class BlockState {
 public:
  virtual ~BlockState() = default;
};

/// One block on its way over the next tokens of a sequence: it rests before the linears of each stage
/// (LinearInfo::stage), so that who prunes them sees what they read before they run.
class BlockPass {
 public:
  virtual ~BlockPass() = default;
  /// What the linears of the next stage read, tokens x in. Only before the block's end.
  virtual MatrixView<const float> input() const = 0;
  /// Runs the linears of the next stage and all that follows up to the next rest; false at the block's end, when the
  /// stream has been updated.
  virtual bool advance(LinearRunner& runner) = 0;
};

/// A causal language model. Thread-compatible: const calls with distinct states may run in parallel.
class LanguageModel {
 public:
  virtual ~LanguageModel() = default;

  virtual int blocks() const = 0;
  virtual int hidden() const = 0;
  virtual int vocabulary() const = 0;
  virtual int context() const = 0;                               ///< longest sequence, tokens
  virtual const std::vector<LinearInfo>& linears() const = 0;    ///< of all blocks, in order
  virtual SequenceMemory sequence_memory() const { return {}; }  ///< of every block
  virtual AttentionShape attention() const { return {}; }        ///< of every block

  /// The float weights of a linear, out x in, converted from the file's type; loaded anew at each call, so that only
  /// the blocks in use take memory. Throws InputError naming tensor and index for NaN or infinite values.
  virtual Matrix<float> weights(const LinearInfo& linear) const = 0;

  /// Token embeddings, tokens x hidden; learned positions are added where the first block begins, whose state knows
  /// them. Token ids are 0..vocabulary-1 (InputError otherwise).
  virtual Matrix<float> embed(const std::vector<int>& tokens) const = 0;
  virtual std::unique_ptr<BlockState> new_state(int block) const = 0;
  /// Begins a block's way over the next tokens of the sequence of `state`; x (tokens x hidden) is updated in place at
  /// the latest when it ends. The pass keeps references to the model, x and state. It and this throw InputError where
  /// the input of a norm or linear is not finite; the x that is left is not checked.
  virtual std::unique_ptr<BlockPass> begin_block(int block, MatrixView<float> x, BlockState& state,
                                                 LinearRunner& runner) const = 0;
  /// The whole way.
  void run_block(int block, MatrixView<float> x, BlockState& state, LinearRunner& runner) const {
    const std::unique_ptr<BlockPass> pass = begin_block(block, x, state, runner);
    while (pass->advance(runner)) {
    }
  }
  /// Final norm and output head: tokens x vocabulary, which may hold values that are not finite.
  virtual Matrix<float> logits(MatrixView<const float> x) const = 0;
  /// The final norm alone, tokens x hidden: what the output head reads.
  virtual Matrix<float> normalised(MatrixView<const float> x) const = 0;
  /// The float weights of the output head, vocabulary x hidden, converted anew at each call.
  virtual Matrix<float> head() const = 0;
  /// Whether there is a norm before the output head.
  virtual bool final_norm() const { return true; }

  /// Between its tokens and text; of models that come from load_model().
  const ModelText& text() const {
    if (text_ == nullptr) throw std::logic_error("a model that was not loaded has no text");
    return *text_;
  }
  void set_text(std::unique_ptr<const ModelText> text) { text_ = std::move(text); }

 private:
  std::unique_ptr<const ModelText> text_;
};

constexpr const char* kHeadLinear = "lm_head";  ///< name of the output head where it is a linear

/// The output head as a linear behind all blocks. It is not among model.linears(): nothing prunes it.
inline LinearInfo head_linear(const LanguageModel& model) {
  return {kHeadLinear, model.blocks(), 0, model.vocabulary(), model.hidden(), 0};
}

}  // namespace flexcim
