// What the plain reference models of the tests share.
#pragma once

#include "flow/model/float_runner.h"
#include "flow/model/language_model.h"
#include "tests/flow/tiny_model.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using Rows = std::vector<std::vector<double>>;

/// The operators that both architectures define alike, plainly and in double.
class Reference {
 public:
  explicit Reference(const TinyModel& model) : model_(model) {}

 protected:
  std::vector<double> row(const std::string& name, int index) const {
    const TinyModel::Weight& weight = model_.tensors.at(name);
    const auto first = weight.values.begin() + static_cast<std::ptrdiff_t>(weight.shape.back()) * index;
    return {first, first + static_cast<std::ptrdiff_t>(weight.shape.back())};
  }

  Rows linear(const std::string& name, const Rows& x) const {
    const std::size_t out = model_.tensors.at(name + ".weight").shape[0];
    Rows y(x.size());
    for (std::size_t o = 0; o < out; ++o) {
      const std::vector<double> weights = row(name + ".weight", static_cast<int>(o));
      for (std::size_t t = 0; t < x.size(); ++t) {
        double sum = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * x[t].at(i);
        y[t].push_back(sum);
      }
    }
    return y;
  }

  Rows norm(const std::string& name, Rows x) const {
    const std::vector<double> weight = row(name + ".weight", 0);
    for (std::vector<double>& values : x) {
      double squares = 0;
      for (const double value : values) squares += value * value;
      const double root = std::sqrt(squares / static_cast<double>(values.size()) + 1e-5);
      for (std::size_t i = 0; i < values.size(); ++i) values[i] *= weight[i] / root;
    }
    return x;
  }

  static void add(Rows& x, const Rows& y) {
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t i = 0; i < x[t].size(); ++i) x[t][i] += y[t][i];
    }
  }

  const TinyModel& model_;
};

/// Equal but for the rounding of float.
inline void check_close(const flexcim::Matrix<float>& found, const Rows& expected) {
  double worst = 0, largest = 0;
  for (std::size_t t = 0; t < found.rows(); ++t) {
    for (std::size_t v = 0; v < found.cols(); ++v) {
      worst = std::max(worst, std::fabs(found(t, v) - expected.at(t).at(v)));
      largest = std::max(largest, std::fabs(expected[t][v]));
    }
  }
  CHECK(found.rows() == expected.size());
  CHECK(largest > 1);
  CHECK(worst < 1e-4 * largest);
}

/// Logits of a sequence given in pieces.
inline flexcim::Matrix<float> run(const flexcim::LanguageModel& model, const std::vector<std::vector<int>>& pieces) {
  flexcim::FloatRunner runner(model);
  std::vector<std::unique_ptr<flexcim::BlockState>> states;
  for (int block = 0; block < model.blocks(); ++block) states.push_back(model.new_state(block));
  std::vector<float> all;
  for (const std::vector<int>& piece : pieces) {
    flexcim::Matrix<float> x = model.embed(piece);
    for (int block = 0; block < model.blocks(); ++block) model.run_block(block, x, *states[block], runner);
    const flexcim::Matrix<float> logits = model.logits(x);
    all.insert(all.end(), logits.data(), logits.data() + logits.size());
  }
  flexcim::Matrix<float> joined(all.size() / model.vocabulary(), model.vocabulary());
  std::copy(all.begin(), all.end(), joined.data());
  return joined;
}

/// The same bits for a sequence in one go, token by token, and in pieces that end before these positions.
inline void check_pieces(const flexcim::LanguageModel& model, const std::vector<int>& tokens,
                         const std::vector<int>& cuts) {
  const auto pieces_at = [&](const std::vector<int>& ends) {
    std::vector<std::vector<int>> pieces;
    auto begin = tokens.begin();
    for (const int end : ends) {
      pieces.emplace_back(begin, tokens.begin() + end);
      begin = tokens.begin() + end;
    }
    pieces.emplace_back(begin, tokens.end());
    return pieces;
  };
  std::vector<int> each(tokens.size() - 1);
  std::iota(each.begin(), each.end(), 1);
  const flexcim::Matrix<float> whole = run(model, {tokens});
  CHECK(run(model, pieces_at(each)) == whole);
  CHECK(run(model, pieces_at(cuts)) == whole);
}

inline std::vector<int> random_tokens(int count) {
  std::mt19937 random(9);
  std::vector<int> tokens;
  for (int i = 0; i < count; ++i) tokens.push_back(static_cast<int>(random() % 50));
  return tokens;
}
