// Calibration sequences on their way through a model.
#pragma once

#include "flow/model/language_model.h"
#include "flow/model/matmul.h"

#include <memory>
#include <vector>

namespace flexcim {

/// The linears of one block: weights by LinearInfo::index. Those that do not run may be null.
using BlockWeights = std::vector<std::shared_ptr<const PanelMatrix>>;

/// What the blocks so far have made of some sequences, all of which go through the same weights. The same to the last
/// bit for any number of threads.
class Stream {
 public:
  /// Keeps references to the model and the sequences. Throws InputError for no sequences or an empty one.
  Stream(const LanguageModel& model, const std::vector<std::vector<int>>& sequences, int threads);

  std::size_t sequences() const { return hidden_.size(); }
  std::size_t tokens() const;  ///< of all of them

  /// The same stream with at most `count` of its sequences, spread evenly.
  Stream sample(std::size_t count) const;

  /// Takes all sequences through a block. Throws as LinearRunner::run does.
  void advance(int block, const BlockWeights& weights);

  /// After the last block: bits per token, over all but the first token of each sequence.
  double bits_per_token() const;

 private:
  friend class StreamPass;

  const LanguageModel& model_;
  std::vector<const std::vector<int>*> sequences_;
  int threads_;
  std::vector<Matrix<float>> hidden_;
};

/// A stream on its way through one block, stage by stage. Changes the stream, to which it keeps a reference. What it
/// remembers between two stages takes memory for all tokens.
class StreamPass {
 public:
  /// Throws as LinearRunner::run does; so does `advance`.
  StreamPass(Stream& stream, int block);

  std::size_t sequences() const { return passes_.size(); }
  /// What the linears of the next stage read in one sequence, tokens x in.
  MatrixView<const float> input(std::size_t sequence) const { return passes_[sequence]->input(); }
  /// Takes all sequences through the linears of the next stage, which have these weights, and up to the one after it.
  void advance(const BlockWeights& weights);

 private:
  Stream& stream_;
  std::vector<std::unique_ptr<BlockState>> states_;
  std::vector<std::unique_ptr<BlockPass>> passes_;
};

}  // namespace flexcim
