// Calibration: the dense model on sample text, and what the inputs of its linears look like (flow.md §1, §5).
#pragma once

#include "flow/model/language_model.h"

#include <functional>
#include <string>
#include <vector>

namespace flexcim {

/// The inputs of one linear over all calibration tokens.
struct InputStatistics {
  std::vector<float> channel_norms;  ///< a_j = sqrt((1/S) sum over all tokens of x_j^2), S = number of sequences; [in]
  float max_abs = 0;                 ///< largest |x_j|
};

/// What a model's calibration gives.
struct Calibration {
  std::vector<std::vector<int>> sequences;  ///< of tokens; none without a calibration text
  std::vector<std::vector<int>> held_out;   ///< of the same text, which calibration does not see
  std::vector<InputStatistics> statistics;  ///< one per linear of the model
};

/// Called after each step of a long work: steps done, steps in all.
using Progress = std::function<void(int, int)>;

/// Runs the sequences through the dense float model, block by block; only one block's weights are in memory at a time.
/// One entry per linear, in the order of model.linears(). The same to the last bit for any number of threads. Throws
/// InputError for no sequences or an empty one, and, naming sequence, linear, token and column, where an input is not
/// finite.
std::vector<InputStatistics> calibrate(const LanguageModel& model, const std::vector<std::vector<int>>& sequences,
                                       int threads, const Progress& progress = {});

/// Cuts each row of tokens into sequences of `length` and gives at most `count` of them, spread evenly over all rows
/// (all if count is 0); the rest of a row, shorter than `length`, is dropped. Throws InputError, starting with `where`,
/// where no row has a whole sequence. `others`, if it is given, becomes what is not among them: at most twice as many,
/// spread evenly, too.
std::vector<std::vector<int>> cut_sequences(const std::vector<std::vector<int>>& rows, int length, int count,
                                            const std::string& where, std::vector<std::vector<int>>* others = nullptr);

/// Longest calibration sequence where the caller names none, tokens.
constexpr int kLongestSample = 2048;

/// The calibration sequences of a file of tokens (read_tokens): at most `samples` (0: all) of `context` tokens, at most
/// the model's context; `context` 0 means the model's, at most kLongestSample, and no more than a row has where the
/// file has several. `others` as for cut_sequences. Throws InputError naming the file.
std::vector<std::vector<int>> calibration_sequences(const LanguageModel& model, const std::string& path, int samples,
                                                    int context, std::vector<std::vector<int>>* others = nullptr);

/// Calibrates on the sequences of a file. Without a path there are no sequences, the channel norms are 1 and the ranges
/// unknown (0). Throws InputError naming the file.
Calibration calibrate_on_file(const LanguageModel& model, const std::string& path, int samples, int context,
                              int threads, const Progress& progress = {});

}  // namespace flexcim
