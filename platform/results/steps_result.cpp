#include "platform/results/steps_result.h"

#include <algorithm>
#include <map>

namespace flexcim {
namespace {

bool goes_on(const RequestFigures& request) {
  return request.phase == RequestPhase::decode || request.phase == RequestPhase::verify;
}

}  // namespace

double PassFigures::tokens_out() const {
  double sum = 0;
  for (const RequestFigures& request : requests) sum += request.tokens_out;
  return sum;
}

double StepsResult::tokens_out() const {
  double sum = 0;
  for (const PassFigures& pass : passes) sum += pass.tokens_out();
  return sum;
}

std::int64_t StepsResult::first_token_ps() const {
  std::int64_t end = 0;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    end += parts[i].time.total_ps();
    const std::vector<RequestFigures>& requests = passes[i].requests;
    if (std::any_of(requests.begin(), requests.end(),
                    [](const RequestFigures& request) { return request.phase == RequestPhase::prefill; }))
      return end;
  }
  return 0;
}

double StepsResult::per_token_ps() const {
  struct Served {
    double batch_ps = 0, requests = 0, tokens = 0;
  };
  std::map<int, Served> steps;
  for (std::size_t i = 0; i < passes.size(); ++i) {
    Served& step = steps[passes[i].step];
    step.batch_ps += static_cast<double>(parts[i].time.total_ps()) / passes[i].batches;
    for (const RequestFigures& request : passes[i].requests) {
      if (!goes_on(request)) continue;
      step.requests += static_cast<double>(request.count) * passes[i].batches;
      step.tokens += request.tokens_out;
    }
  }
  double tokens = 0, sum_ps = 0;
  for (const auto& [index, step] : steps) {
    tokens += step.tokens;
    sum_ps += step.batch_ps * step.requests;  // tokens of the step, times the time between two of a request
  }
  return tokens > 0 ? sum_ps / tokens : 0;
}

}  // namespace flexcim
