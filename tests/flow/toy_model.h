// A language model small enough to check by hand: each block adds its second linear of its first linear's output to the
// stream, x += B (A x).
#pragma once

#include "flow/base/error.h"
#include "flow/model/language_model.h"

#include <random>

namespace flexcim {

class ToyModel final : public LanguageModel {
 public:
  ToyModel(int blocks, int hidden, int inner, unsigned seed) : blocks_(blocks), hidden_(hidden) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, 0.3f);
    const auto fill = [&](std::size_t rows, std::size_t cols) {
      Matrix<float> matrix(rows, cols);
      for (std::size_t k = 0; k < matrix.size(); ++k) matrix.data()[k] = normal(random);
      return matrix;
    };
    embedding_ = fill(kVocabulary, static_cast<std::size_t>(hidden));
    for (int block = 0; block < blocks; ++block) {
      const std::string name = "layers." + std::to_string(block);
      linears_.push_back({name + ".a", block, 0, inner, hidden, 0});
      weights_.push_back(fill(static_cast<std::size_t>(inner), static_cast<std::size_t>(hidden)));
      linears_.push_back({name + ".b", block, 1, hidden, inner, 1});
      weights_.push_back(fill(static_cast<std::size_t>(hidden), static_cast<std::size_t>(inner)));
    }
  }

  int blocks() const override { return blocks_; }
  int hidden() const override { return hidden_; }
  int vocabulary() const override { return kVocabulary; }
  int context() const override { return 64; }
  const std::vector<LinearInfo>& linears() const override { return linears_; }
  Matrix<float> weights(const LinearInfo& linear) const override {
    return weights_.at(static_cast<std::size_t>(2 * linear.block + linear.index));
  }
  Matrix<float>& weights(std::size_t i) { return weights_.at(i); }
  Matrix<float> embed(const std::vector<int>& tokens) const override {
    Matrix<float> x(tokens.size(), embedding_.cols());
    for (std::size_t t = 0; t < tokens.size(); ++t) {
      if (tokens[t] < 0 || tokens[t] >= kVocabulary) throw InputError("toy: token out of range");
      for (std::size_t j = 0; j < x.cols(); ++j) x(t, j) = embedding_(static_cast<std::size_t>(tokens[t]), j);
    }
    return x;
  }
  std::unique_ptr<BlockState> new_state(int) const override { return std::make_unique<BlockState>(); }
  std::unique_ptr<BlockPass> begin_block(int block, MatrixView<float> x, BlockState&, LinearRunner&) const override {
    return std::make_unique<Pass>(*this, block, x);
  }
  Matrix<float> logits(MatrixView<const float> x) const override {
    return Matrix<float>(x.rows, static_cast<std::size_t>(kVocabulary));
  }
  Matrix<float> normalised(MatrixView<const float> x) const override { return Matrix<float>(x.rows, x.cols); }
  Matrix<float> head() const override {
    return Matrix<float>(static_cast<std::size_t>(kVocabulary), static_cast<std::size_t>(hidden_));
  }

 private:
  class Pass final : public BlockPass {
   public:
    Pass(const ToyModel& model, int block, MatrixView<float> x)
        : a_(model.linears_[static_cast<std::size_t>(2 * block)]),
          b_(model.linears_[static_cast<std::size_t>(2 * block + 1)]),
          x_(x) {}
    MatrixView<const float> input() const override {
      return inner_.rows() == 0 ? MatrixView<const float>(x_) : inner_.view();
    }
    bool advance(LinearRunner& runner) override {
      if (inner_.rows() == 0) {
        inner_ = Matrix<float>(x_.rows, static_cast<std::size_t>(a_.out));
        runner.run(a_, x_, inner_);
        return true;
      }
      Matrix<float> added(x_.rows, static_cast<std::size_t>(b_.out));
      runner.run(b_, inner_, added);
      for (std::size_t t = 0; t < x_.rows; ++t) {
        for (std::size_t j = 0; j < x_.cols; ++j) x_(t, j) += added(t, j);
      }
      return false;
    }

   private:
    const LinearInfo& a_;
    const LinearInfo& b_;
    MatrixView<float> x_;
    Matrix<float> inner_;  ///< no rows before it is made
  };

  static constexpr int kVocabulary = 11;
  int blocks_;
  int hidden_;
  Matrix<float> embedding_;
  std::vector<LinearInfo> linears_;
  std::vector<Matrix<float>> weights_;
};

}  // namespace flexcim
