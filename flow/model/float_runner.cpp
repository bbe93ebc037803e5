#include "flow/model/float_runner.h"

#include "flow/base/finite.h"

#include <stdexcept>

namespace flexcim {

FloatRunner::FloatRunner(const LanguageModel& model)
    : FloatRunner(model, [&model](const LinearInfo& linear) { return model.weights(linear); }) {}

FloatRunner::FloatRunner(const LanguageModel& model, Weights weights) : weights_(std::move(weights)) {
  for (const LinearInfo& linear : model.linears()) loaded_[linear.name];
}

void FloatRunner::run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) {
  Loaded& loaded = loaded_.at(linear.name);
  std::call_once(loaded.once, [&] {
    loaded.weights = PanelMatrix(weights_(linear));
    if (loaded.weights.out() != static_cast<std::size_t>(linear.out) ||
        loaded.weights.in() != static_cast<std::size_t>(linear.in)) {
      throw std::logic_error("FloatRunner: weights of " + linear.name + " have another shape");
    }
  });
  require_finite(x, "input of linear", linear.name);
  matmul(x, loaded.weights, y);
}

}  // namespace flexcim
