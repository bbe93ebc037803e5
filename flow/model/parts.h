// What the architectures share: the tensors of a checkpoint; token embedding, final norm and output head.
#pragma once

#include "flow/base/matrix.h"
#include "flow/base/tensor_store.h"
#include "flow/model/language_model.h"
#include "flow/model/matmul.h"
#include "flow/model/operators.h"

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace flexcim {

/// The tensors of a checkpoint. It remembers which were asked for: a checkpoint with tensors that nobody uses is
/// another model.
class ModelTensors {
 public:
  /// `path` as for TensorStore.
  explicit ModelTensors(const std::string& path) : store_(path) {}

  /// Throws InputError naming the tensor that is missing, or has another shape.
  const Tensor& get(const std::string& name, const std::vector<std::size_t>& shape);
  /// The elements of a vector.
  std::vector<float> vector(const std::string& name, std::size_t length);
  RmsNorm norm(const std::string& name, std::size_t length, float epsilon);
  /// Checks that the linear's weights are there with their shape, or packed (flow/pack/packed_model.h).
  void require_linear(const LinearInfo& linear);
  /// A tensor that may be there; null where it is not.
  const Tensor* optional(const std::string& name);
  /// Throws InputError that names the tensors which nobody has asked for.
  void require_no_others() const;
  /// The float weights of a linear, out x in.
  Matrix<float> weights(const LinearInfo& linear) const { return to_float(store_.at(linear.name + ".weight")); }

 private:
  TensorStore store_;
  std::set<std::string> asked_;
};

/// The two ends of a language model. Rows of the embedding are converted as they are asked for; the head is loaded at
/// the first call of `logits`.
class ModelEnds {
 public:
  /// Names of the tensors. Where embedding and head are tied, the head is the embedding; a tensor of the head's name
  /// may still be there.
  struct Names {
    std::string embedding;
    std::string norm;
    std::string head;
  };
  /// Keeps references to the tensors. Throws InputError for missing tensors and wrong shapes, and for a head that is
  /// not the embedding to which it is tied.
  ModelEnds(ModelTensors& tensors, const Names& names, bool tied, std::size_t vocabulary, std::size_t hidden,
            float epsilon);

  /// tokens x hidden. Throws InputError for an id outside the vocabulary.
  Matrix<float> embed(const std::vector<int>& tokens) const;
  /// Final norm: tokens x hidden.
  Matrix<float> normalised(MatrixView<const float> x) const;
  /// Final norm and head: tokens x vocabulary. Safe to call from several threads. May hold values that are not finite.
  Matrix<float> logits(MatrixView<const float> x) const;

  const RmsNorm& norm() const { return norm_; }
  /// vocabulary x hidden, converted anew at each call.
  Matrix<float> embedding() const { return to_float(embedding_); }
  Matrix<float> head() const { return to_float(head_tensor_); }

 private:
  const Tensor& embedding_;
  const Tensor& head_tensor_;
  RmsNorm norm_;
  mutable std::once_flag head_loaded_;
  mutable PanelMatrix head_;
};

}  // namespace flexcim
