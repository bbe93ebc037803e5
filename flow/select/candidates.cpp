#include "flow/base/error.h"
#include "flow/select/selection.h"

#include <algorithm>

namespace flexcim {
namespace {

Candidate parse_candidate(std::string_view text) {
  if (const auto n_m = parse_n_m(text)) return {n_m->first, n_m->second};
  throw InputError("candidate \"" + std::string(text) + "\" is neither \"dense\" nor " + n_m_range());
}

}  // namespace

std::string to_string(Candidate candidate) { return std::to_string(candidate.n) + ":" + std::to_string(candidate.m); }

std::vector<Candidate> parse_candidates(std::string_view text) {
  std::vector<Candidate> candidates;
  bool dense = false;
  int largest_m = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    if (part == "dense") {
      dense = true;
      continue;
    }
    const Candidate candidate = parse_candidate(part);
    largest_m = std::max(largest_m, candidate.m);
    if (std::find(candidates.begin(), candidates.end(), candidate) == candidates.end()) candidates.push_back(candidate);
  }
  if (largest_m == 0) throw InputError("candidates \"" + std::string(text) + "\" name no N:M");
  const Candidate full{largest_m, largest_m};
  if (dense && std::find(candidates.begin(), candidates.end(), full) == candidates.end()) candidates.push_back(full);
  return candidates;
}

std::vector<Candidate> default_candidates() { return {{2, 4}, {4, 4}, {2, 8}, {4, 8}, {8, 8}}; }

}  // namespace flexcim
