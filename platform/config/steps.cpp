#include "platform/config/steps.h"

#include <algorithm>

namespace flexcim {

std::string_view to_string(RequestPhase phase) {
  switch (phase) {
    case RequestPhase::encode:
      return "encode";
    case RequestPhase::prefill:
      return "prefill";
    case RequestPhase::decode:
      return "decode";
    case RequestPhase::verify:
      return "verify";
    case RequestPhase::draft:
      return "draft";
  }
  return "";
}

double Request::gives() const {
  if (phase == RequestPhase::encode || phase == RequestPhase::draft) return 0;
  if (phase != RequestPhase::verify) return 1;
  double sum = 0, right = 1;
  for (int guess = 0; guess < tokens; ++guess, right *= *acceptance) sum += right;
  return sum;
}

double Request::gives(int runs) const { return phase == RequestPhase::prefill ? 1 : gives() * runs; }

double Request::growth() const {
  return phase == RequestPhase::encode ? 0 : phase == RequestPhase::verify ? gives() : tokens;
}

int Request::logits() const { return phase == RequestPhase::encode ? 0 : phase == RequestPhase::verify ? tokens : 1; }

std::string phases_text(const std::vector<RequestPhase>& phases) {
  std::string text;
  for (auto phase = phases.begin(); phase != phases.end(); ++phase) {
    if (std::find(phases.begin(), phase, *phase) != phase) continue;
    text += (text.empty() ? "" : "+") + std::string(to_string(*phase));
  }
  return text;
}

std::string name_of(const Step& step) {
  if (!step.name.empty()) return step.name;
  std::vector<RequestPhase> phases;
  for (const Request& request : step.requests) phases.push_back(request.phase);
  return phases_text(phases);
}

}  // namespace flexcim
