#include "flow/select/calibrate.h"

#include "flow/base/error.h"
#include "flow/base/finite.h"
#include "flow/base/parallel.h"
#include "flow/model/matmul.h"
#include "flow/select/token_file.h"

#include <algorithm>
#include <cmath>

namespace flexcim {
namespace {

/// Sums over the tokens of one sequence.
struct SequenceSums {
  std::vector<double> squares;
  float max_abs = 0;
};

/// The linears of one block, dense, observed.
class ObservingRunner final : public LinearRunner {
 public:
  ObservingRunner(const std::vector<PanelMatrix>& weights, std::vector<SequenceSums>& sums)
      : weights_(weights), sums_(sums) {}

  void run(const LinearInfo& linear, MatrixView<const float> x, MatrixView<float> y) override {
    require_finite(x, "input of linear", linear.name);
    SequenceSums& sums = sums_[static_cast<std::size_t>(linear.index)];
    sums.squares.resize(x.cols);
    for (std::size_t t = 0; t < x.rows; ++t) {
      const float* row = x.row(t);
      for (std::size_t j = 0; j < x.cols; ++j) {
        sums.squares[j] += static_cast<double>(row[j]) * static_cast<double>(row[j]);
        sums.max_abs = std::max(sums.max_abs, std::fabs(row[j]));
      }
    }
    matmul(x, weights_[static_cast<std::size_t>(linear.index)], y);
  }

 private:
  const std::vector<PanelMatrix>& weights_;
  std::vector<SequenceSums>& sums_;
};

InputStatistics reduce(const LinearInfo& linear, const std::vector<std::vector<SequenceSums>>& sequences) {
  InputStatistics result;
  std::vector<double> squares(static_cast<std::size_t>(linear.in));
  for (const auto& sums : sequences) {
    const SequenceSums& own = sums[static_cast<std::size_t>(linear.index)];
    for (std::size_t j = 0; j < own.squares.size(); ++j) squares[j] += own.squares[j];
    result.max_abs = std::max(result.max_abs, own.max_abs);
  }
  for (const double sum : squares) {
    result.channel_norms.push_back(static_cast<float>(std::sqrt(sum / static_cast<double>(sequences.size()))));
  }
  const std::size_t j = first_not_finite(result.channel_norms.data(), result.channel_norms.size());
  if (j < result.channel_norms.size()) {
    throw NotFiniteError("the norm of column " + std::to_string(j) + " of the inputs of linear " + linear.name +
                         " is not finite");
  }
  return result;
}

}  // namespace

std::vector<InputStatistics> calibrate(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                       int threads, const Progress& progress) {
  if (sequences.empty()) throw InputError("calibration: there are no sequences");
  std::vector<Matrix<float>> hidden(sequences.size());
  for (std::size_t s = 0; s < sequences.size(); ++s) {
    if (sequences[s].empty()) throw InputError("calibration: a sequence is empty");
    hidden[s] = model.embed(sequences[s]);
  }

  std::vector<InputStatistics> result;
  auto linear = model.linears().begin();
  for (int block = 0; block < model.blocks(); ++block) {
    const auto first = linear;
    std::vector<PanelMatrix> weights;
    for (; linear != model.linears().end() && linear->block == block; ++linear) {
      weights.emplace_back(model.weights(*linear));
    }
    std::vector<std::vector<SequenceSums>> sums(sequences.size(), std::vector<SequenceSums>(weights.size()));
    parallel_for(threads, sequences.size(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t s = begin; s < end; ++s) {
        ObservingRunner runner(weights, sums[s]);
        naming_not_finite("sequence " + std::to_string(s),
                          [&] { model.run_block(block, hidden[s], *model.new_state(block), runner); });
      }
    });
    for (auto each = first; each != linear; ++each) result.push_back(reduce(*each, sums));
    if (progress) progress(block + 1, model.blocks());
  }
  return result;
}

std::vector<std::vector<int>> cut_sequences(const std::vector<std::vector<int>>& rows, int length, int count,
                                            const std::string& where, std::vector<std::vector<int>>* others) {
  using Begin = std::vector<int>::const_iterator;
  const std::size_t step = static_cast<std::size_t>(std::max(1, length));
  std::vector<Begin> begins;  // of all whole sequences
  for (const std::vector<int>& row : rows) {
    for (std::size_t at = 0; at + step <= row.size(); at += step) {
      begins.push_back(row.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  if (begins.empty()) {
    const std::string tokens = std::to_string(rows.empty() ? 0 : rows.front().size()) + " tokens";
    throw InputError(where + ": " + (rows.size() > 1 ? "rows of " : "") + tokens + " are less than one sequence of " +
                     std::to_string(step));
  }
  const std::size_t wanted = count > 0 ? std::min(begins.size(), static_cast<std::size_t>(count)) : begins.size();
  const auto sequence = [&](Begin begin) { return std::vector<int>(begin, begin + static_cast<std::ptrdiff_t>(step)); };
  std::vector<std::vector<int>> sequences;
  std::vector<Begin> left;
  std::size_t next = 0;  // that has not been looked at
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::size_t at = i * begins.size() / wanted;
    left.insert(left.end(), begins.begin() + static_cast<std::ptrdiff_t>(next),
                begins.begin() + static_cast<std::ptrdiff_t>(at));
    next = at + 1;
    sequences.push_back(sequence(begins[at]));
  }
  if (others == nullptr) return sequences;
  left.insert(left.end(), begins.begin() + static_cast<std::ptrdiff_t>(next), begins.end());
  others->clear();
  const std::size_t rest = std::min(left.size(), 2 * wanted);
  for (std::size_t i = 0; i < rest; ++i) others->push_back(sequence(left[i * left.size() / rest]));
  return sequences;
}

std::vector<std::vector<int>> calibration_sequences(const LanguageModel& model, const std::string& path, int samples,
                                                    int context, std::vector<std::vector<int>>* others) {
  const std::vector<std::vector<int>> rows = read_tokens(path, model.text());
  int length = std::min(context > 0 ? context : kLongestSample, model.context());
  if (context == 0 && rows.size() > 1) length = std::min(length, static_cast<int>(rows.front().size()));
  return cut_sequences(rows, length, samples, path, others);
}

Calibration calibrate_on_file(const LanguageModel& model, const std::string& path, int samples, int context,
                              int threads, const Progress& progress) {
  Calibration result;
  if (path.empty()) {
    for (const LinearInfo& linear : model.linears()) {
      result.statistics.push_back({std::vector<float>(static_cast<std::size_t>(linear.in), 1.0f), 0.0f});
    }
    return result;
  }
  result.sequences = calibration_sequences(model, path, samples, context, &result.held_out);
  naming_not_finite(path, [&] { result.statistics = calibrate(model, result.sequences, threads, progress); });
  return result;
}

}  // namespace flexcim
