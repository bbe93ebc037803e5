// What a model reads and gives, step by step: batches of requests (docs/workloads.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flexcim {

/// What a request does in a step.
enum class RequestPhase {
  encode,   ///< reads all of its tokens at once, each sees all others, gives no token: the image of an encoder
  prefill,  ///< reads a prompt or, when the step is repeated, a chunk of it at a time; then gives the first token
  decode,   ///< reads the last token, gives the next
  verify,   ///< reads the last token and guesses at those behind it, gives as many as are right and one more
  draft     ///< reads the last token or guess, guesses the next: of the passes before a verify, not of a scenario
};
std::string_view to_string(RequestPhase phase);

/// Equal requests of a batch.
struct Request {
  RequestPhase phase = RequestPhase::decode;
  int tokens = 1;   ///< that each reads in a run of the step; of a decode 1
  int context = 0;  ///< tokens that each has read before the first run
  int count = 1;
  std::optional<double> acceptance;  ///< of a verify: probability 0..1 that a guess behind right ones is right

  /// Tokens that each gives in a run, on average, once its prompt is read: of a verify of T tokens the expectation
  /// 1 + a + ... + a^(T-1) = (1 - a^T) / (1 - a) (Leviathan, Kalman, Matias: arXiv 2211.17192, eq. 1).
  double gives() const;
  /// Those that each gives in `runs` of the step: of a prefill one, with its last chunk.
  double gives(int runs) const;
  /// Tokens by which the context of each grows in a run: all that it reads, but of a verify those that it gives; an
  /// encode has none.
  double growth() const;
  /// Tokens of a run whose logits are needed.
  int logits() const;
};

/// The part of a model that a pass goes through.
struct ModelSlice {
  std::optional<std::filesystem::path> model;  ///< a config.json in place of the workload's
  double skip = 0;                             ///< share of the blocks that is not run, those in the middle, [0, 1)
  std::vector<double> ffn{1};                  ///< shares (0, 1] of the feed-forward width, each of equally many blocks
  std::optional<int> weight_bits;              ///< of the blocks' weights in place of the workload's, 4 or 8
};

/// A batch of requests goes through the model in one pass: every linear runs once for the tokens of all of them.
struct Step {
  std::string name;  ///< as results call it; empty: after its phases
  std::vector<Request> requests;
  ModelSlice slice;
  /// What guesses for the requests that verify, a token in a pass; without, guesses cost nothing.
  std::optional<ModelSlice> draft;
  int repeat = 1;   ///< runs of the same requests, contexts growing
  int batches = 1;  ///< other requests alike, one batch after the other: all runs come that often
};

/// "decode", "prefill+verify": each once, in order.
std::string phases_text(const std::vector<RequestPhase>& phases);
/// The name, or the phases of the requests.
std::string name_of(const Step& step);

}  // namespace flexcim
