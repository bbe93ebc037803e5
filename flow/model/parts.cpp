#include "flow/model/parts.h"

#include "flow/error.h"
#include "flow/model/operators.h"

#include <algorithm>

namespace flexcim {

std::vector<float> load_vector(const TensorStore& store, const std::string& name, std::size_t length) {
  const Tensor& tensor = store.at(name);
  tensor.require_shape({length});
  const Matrix<float> values = to_float(tensor);
  return {values.data(), values.data() + length};
}

void require_linear(const TensorStore& store, const LinearInfo& linear) {
  if (store.find(linear.name + ".values") != nullptr) return;
  store.at(linear.name + ".weight")
      .require_shape({static_cast<std::size_t>(linear.out), static_cast<std::size_t>(linear.in)});
}

Matrix<float> load_linear(const TensorStore& store, const LinearInfo& linear) {
  return to_float(store.at(linear.name + ".weight"));
}

ModelEnds::ModelEnds(const TensorStore& store, const Names& names, std::size_t vocabulary, std::size_t hidden,
                     float epsilon)
    : embedding_(store.at(names.embedding)),
      head_tensor_(store.at(names.head)),
      norm_(load_vector(store, names.norm, hidden)),
      epsilon_(epsilon) {
  embedding_.require_shape({vocabulary, hidden});
  head_tensor_.require_shape({vocabulary, hidden});
}

Matrix<float> ModelEnds::embed(const std::vector<int>& tokens) const {
  Matrix<float> x(tokens.size(), embedding_.cols());
  for (std::size_t t = 0; t < tokens.size(); ++t) {
    if (tokens[t] < 0 || static_cast<std::size_t>(tokens[t]) >= embedding_.rows()) {
      throw InputError("token " + std::to_string(t) + " is " + std::to_string(tokens[t]) +
                       ", outside the model's vocabulary of " + std::to_string(embedding_.rows()));
    }
    const Matrix<float> row = to_float(embedding_, static_cast<std::size_t>(tokens[t]), 1);
    std::copy_n(row.data(), row.size(), x.row(t));
  }
  return x;
}

Matrix<float> ModelEnds::logits(MatrixView<const float> x) const {
  std::call_once(head_loaded_, [this] { head_ = PanelMatrix(to_float(head_tensor_)); });
  Matrix<float> normed(x.rows, x.cols);
  rms_norm(x, norm_, epsilon_, normed);
  Matrix<float> result(x.rows, head_.out());
  matmul(normed, head_, result);
  return result;
}

}  // namespace flexcim
