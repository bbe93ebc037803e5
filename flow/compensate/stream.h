// Calibration sequences on their way through a model.
#pragma once

#include "flow/model/language_model.h"
#include "flow/model/matmul.h"

#include <memory>
#include <vector>

namespace flexcim {

/// The linears of one block: weights by LinearInfo::index. Those that a call does not reach may be null.
using BlockWeights = std::vector<std::shared_ptr<const PanelMatrix>>;

/// What the blocks so far have made of some sequences, all of which go through the same weights. The same to the last
/// bit for any number of threads.
class Stream {
 public:
  /// Keeps references to the model and the sequences. Throws InputError for no sequences or an empty one.
  Stream(const LanguageModel& model, const std::vector<std::vector<int>>& sequences, int threads);

  std::size_t sequences() const { return hidden_.size(); }
  std::size_t tokens() const;  ///< of all of them

  /// The inputs, tokens x in, of the block's linears of one stage in sequences [begin, begin + count), cut to those
  /// that there are; the linears of earlier stages have these weights. Throws as LinearRunner::run does.
  std::vector<Matrix<float>> inputs(int block, int stage, const BlockWeights& weights, std::size_t begin,
                                    std::size_t count) const;
  /// How many sequences' inputs to ask for at a time, so that they take little memory.
  std::size_t together() const;

  /// The same stream with at most `count` of its sequences, spread evenly.
  Stream sample(std::size_t count) const;

  /// Takes all sequences through a block.
  void advance(int block, const BlockWeights& weights);

  /// After the last block: bits per token, over all but the first token of each sequence.
  double bits_per_token() const;

 private:
  const LanguageModel& model_;
  std::vector<const std::vector<int>*> sequences_;
  int threads_;
  std::vector<Matrix<float>> hidden_;
};

}  // namespace flexcim
