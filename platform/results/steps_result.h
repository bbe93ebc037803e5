// What the steps of a workload give beside their layers (docs/workloads.md).
#pragma once

#include "platform/config/steps.h"
#include "platform/results/generation_result.h"

#include <cstdint>
#include <vector>

namespace flexcim {

/// Equal requests of a pass, over all of its runs.
struct RequestFigures {
  RequestPhase phase = RequestPhase::decode;
  int count = 1;
  int tokens = 1;                    ///< that each reads in a run
  int context = 0;                   ///< tokens that each has read before the first run
  double last_context = 0;           ///< and before the last one, on average
  double tokens_out = 0;             ///< that all of them give, on average
  std::uint64_t attention_macs = 0;  ///< of all of them
};

/// A pass through a model: a step's own, or the one before it that drafts.
struct PassFigures {
  int step = 0;            ///< of the workload, from 0
  std::uint64_t runs = 1;  ///< of a batch
  int batches = 1;         ///< all runs come that often
  std::vector<RequestFigures> requests;

  std::uint64_t times() const { return runs * static_cast<std::uint64_t>(batches); }
  double tokens_out() const;
};

/// What steps come to; all 0 without.
struct TokenRates {
  double tokens_out = 0;           ///< that all requests give, on average
  double tokens_per_s = 0;         ///< those over the time of the run
  double first_token_ns = 0;       ///< StepsResult::first_token_ps()
  double per_token_ns = 0;         ///< StepsResult::per_token_ps()
  double energy_per_token_pj = 0;  ///< energy of the run over tokens_out
};

struct StepsResult {
  std::vector<GenerationPart> parts;  ///< a part for each pass; layers begin with its name
  std::vector<PassFigures> passes;    ///< in the same order

  /// Tokens that all requests give, on average.
  double tokens_out() const;
  /// From the start until every request of the first step with a prefill has its first token; 0 without a prefill.
  std::int64_t first_token_ps() const;
  /// From a token of a request to its next, mean over the tokens of steps that decode or verify: such a step's time for
  /// a batch over the tokens that one of its requests gives. 0 without such a step.
  double per_token_ps() const;
};

}  // namespace flexcim
