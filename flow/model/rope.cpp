#include "flow/model/rope.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace flexcim {
namespace {

constexpr double kTurn = 6.283185307179586;

/// The base for a sequence of `length` tokens, NTK-aware: factor 1 at `original` tokens.
double dynamic_base(std::size_t head, const RopeParameters& parameters, std::size_t length) {
  const double original = parameters.original;
  if (static_cast<double>(length) <= original) return parameters.base;
  const double growth = parameters.factor * static_cast<double>(length) / original - (parameters.factor - 1);
  const auto size = static_cast<double>(head);
  return parameters.base * std::pow(growth, size / (size - 2));
}

double llama3(double frequency, const RopeParameters& parameters) {
  const double turns = parameters.original * frequency / kTurn;  // within the original context
  if (turns > parameters.high_factor) return frequency;
  if (turns < parameters.low_factor) return frequency / parameters.factor;
  const double share = (turns - parameters.low_factor) / (parameters.high_factor - parameters.low_factor);
  return (1 - share) * frequency / parameters.factor + share * frequency;
}

}  // namespace

std::vector<double> rope_frequencies(std::size_t head, const RopeParameters& parameters, std::size_t length) {
  const bool dynamic = parameters.scaling == RopeScaling::dynamic;
  const double base = dynamic ? dynamic_base(head, parameters, length) : parameters.base;
  std::vector<double> frequencies(head / 2);
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    double& frequency = frequencies[i];
    frequency = std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(head));
    if (parameters.scaling == RopeScaling::linear) frequency /= parameters.factor;
    if (parameters.scaling == RopeScaling::llama3) frequency = llama3(frequency, parameters);
  }
  return frequencies;
}

Rope::Table Rope::table(const std::vector<double>& frequencies, std::size_t first, std::size_t count) {
  Table table{Matrix<float>(count, frequencies.size()), Matrix<float>(count, frequencies.size())};
  for (std::size_t i = 0; i < frequencies.size(); ++i) {
    for (std::size_t row = 0; row < count; ++row) {
      const double angle = static_cast<double>(first + row) * frequencies[i];
      table.cosine(row, i) = static_cast<float>(std::cos(angle));
      table.sine(row, i) = static_cast<float>(std::sin(angle));
    }
  }
  return table;
}

Rope::Rope(std::size_t head, std::size_t positions, const RopeParameters& parameters)
    : parameters_(parameters), half_(head / 2) {
  const bool dynamic = parameters.scaling == RopeScaling::dynamic;
  const std::size_t count = dynamic ? std::min(positions, static_cast<std::size_t>(parameters.original)) : positions;
  table_ = table(rope_frequencies(head, parameters), 0, count);
}

void Rope::apply(MatrixView<float> x, std::size_t first) const {
  assert(x.cols % (2 * half_) == 0);
  const std::size_t length = first + x.rows;
  const bool in_table = length <= table_.cosine.rows();
  assert(in_table || parameters_.scaling == RopeScaling::dynamic);
  const Table longer = in_table ? Table{} : table(rope_frequencies(2 * half_, parameters_, length), first, x.rows);
  const Table& used = in_table ? table_ : longer;
  const std::size_t skipped = in_table ? first : 0;
  for (std::size_t t = 0; t < x.rows; ++t) {
    const float* cosine = used.cosine.row(skipped + t);
    const float* sine = used.sine.row(skipped + t);
    for (float* head = x.row(t); head != x.row(t) + x.cols; head += 2 * half_) {
      for (std::size_t i = 0; i < half_; ++i) {
        const float low = head[i];
        const float high = head[i + half_];
        head[i] = low * cosine[i] - high * sine[i];
        head[i + half_] = high * cosine[i] + low * sine[i];
      }
    }
  }
}

}  // namespace flexcim
