// What the architectures share: loading of vectors and linears; token embedding, final norm and output head.
#pragma once

#include "flow/matrix.h"
#include "flow/model/language_model.h"
#include "flow/model/matmul.h"
#include "flow/tensor_store.h"

#include <mutex>
#include <string>
#include <vector>

namespace flexcim {

/// The vector of a norm or bias, checked for its length.
std::vector<float> load_vector(const TensorStore& store, const std::string& name, std::size_t length);

/// Checks that the linear's weights are there with their shape, or packed (flow/pack/packed_model.h). Throws
/// InputError.
void require_linear(const TensorStore& store, const LinearInfo& linear);

/// The float weights of a linear, out x in.
Matrix<float> load_linear(const TensorStore& store, const LinearInfo& linear);

/// The two ends of a language model. Rows of the embedding are converted as they are asked for; the head is loaded at
/// the first call of `logits`.
class ModelEnds {
 public:
  /// Names of the tensors; `head` is the embedding's own name where the two are tied.
  struct Names {
    std::string embedding;
    std::string norm;
    std::string head;
  };
  /// Keeps a reference to the store. Throws InputError for missing tensors and wrong shapes.
  ModelEnds(const TensorStore& store, const Names& names, std::size_t vocabulary, std::size_t hidden, float epsilon);

  /// tokens x hidden. Throws InputError for an id outside the vocabulary.
  Matrix<float> embed(const std::vector<int>& tokens) const;
  /// Final norm and head: tokens x vocabulary. Safe to call from several threads.
  Matrix<float> logits(MatrixView<const float> x) const;

 private:
  const Tensor& embedding_;
  const Tensor& head_tensor_;
  std::vector<float> norm_;
  float epsilon_;
  mutable std::once_flag head_loaded_;
  mutable PanelMatrix head_;
};

}  // namespace flexcim
