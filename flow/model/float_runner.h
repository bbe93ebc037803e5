// Linears with dense float weights.
#pragma once

#include "flow/model/language_model.h"
#include "flow/model/matmul.h"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace flexcim {

/// Runs linears in float. A linear's weights are read when it first runs and kept as long as the runner: for one block
/// at a time, use one runner per block. Safe to share between threads.
class FloatRunner : public LinearRunner {
 public:
  /// The weights to use for a linear, out x in.
  using Weights = std::function<Matrix<float>(const LinearInfo&)>;

  /// The model's own weights; keeps a reference to the model.
  explicit FloatRunner(const LanguageModel& model);
  /// Other weights of the same shapes, pruned ones for example. `weights` must be safe to call from several threads.
  FloatRunner(const LanguageModel& model, Weights weights);

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override;

 private:
  struct Loaded {
    std::once_flag once;
    PanelMatrix weights;
  };
  Weights weights_;
  std::map<std::string, Loaded> loaded_;  ///< by linear; no entry is added later
};

}  // namespace flexcim
