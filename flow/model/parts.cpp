#include "flow/model/parts.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cstring>

namespace flexcim {

namespace {

constexpr std::size_t kNamed = 12;  // tensors that a message names

bool same_bytes(const Tensor& a, const Tensor& b) {
  return a.dtype == b.dtype && a.shape == b.shape && std::memcmp(a.data, b.data, a.bytes) == 0;
}

}  // namespace

const Tensor& ModelTensors::get(const std::string& name, const std::vector<std::size_t>& shape) {
  const Tensor& tensor = store_.at(name);
  tensor.require_shape(shape);
  asked_.insert(name);
  return tensor;
}

std::vector<float> ModelTensors::vector(const std::string& name, std::size_t length) {
  const Matrix<float> values = to_float(get(name, {length}));
  return {values.data(), values.data() + length};
}

RmsNorm ModelTensors::norm(const std::string& name, std::size_t length, float epsilon) {
  return {name, vector(name + ".weight", length), epsilon};
}

void ModelTensors::require_linear(const LinearInfo& linear) {
  if (optional(linear.name + ".values") == nullptr) {
    get(linear.name + ".weight", {static_cast<std::size_t>(linear.out), static_cast<std::size_t>(linear.in)});
    return;
  }
  for (const char* part : {".indices", ".scales", ".activation_scale"}) optional(linear.name + part);
}

const Tensor* ModelTensors::optional(const std::string& name) {
  asked_.insert(name);
  return store_.find(name);
}

void ModelTensors::require_no_others() const {
  std::string names;
  std::size_t count = 0;
  const Tensor* first = nullptr;
  for (const auto& [name, tensor] : store_.tensors()) {
    if (asked_.count(name) > 0) continue;
    if (first == nullptr) first = tensor;
    if (++count <= kNamed) names += (count > 1 ? ", " : "") + name;
  }
  if (first == nullptr) return;
  if (count > kNamed) names += " and " + std::to_string(count - kNamed) + " more";
  throw InputError(first->file + ": the model that its config.json describes does not use " +
                   (count > 1 ? "the tensors " : "tensor ") + names);
}

ModelEnds::ModelEnds(ModelTensors& tensors, const Names& names, bool tied, std::size_t vocabulary, std::size_t hidden,
                     float epsilon)
    : embedding_(tensors.get(names.embedding, {vocabulary, hidden})),
      head_tensor_(tied ? embedding_ : tensors.get(names.head, {vocabulary, hidden})),
      norm_(tensors.norm(names.norm, hidden, epsilon)) {
  const Tensor* other = tied ? tensors.optional(names.head) : nullptr;
  if (other == nullptr || same_bytes(*other, embedding_)) return;
  throw InputError(other->where() + " is another than " + names.embedding +
                   ", but config.json ties the two (tie_word_embeddings)");
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

Matrix<float> ModelEnds::normalised(MatrixView<const float> x) const {
  Matrix<float> normed(x.rows, x.cols);
  norm_.apply(x, normed);
  return normed;
}

Matrix<float> ModelEnds::logits(MatrixView<const float> x) const {
  std::call_once(head_loaded_, [this] { head_ = PanelMatrix(to_float(head_tensor_)); });
  Matrix<float> result(x.rows, head_.out());
  matmul(normalised(x), head_, result);
  return result;
}

}  // namespace flexcim
