#include "flow/error.h"
#include "flow/select/selection.h"

#include <algorithm>
#include <charconv>

namespace flexcim {
namespace {

constexpr int kLargestM = 256;

int small_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value <= kLargestM ? value : 0;
}

Candidate parse_candidate(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    const int n = small_number(text.substr(0, colon));
    const int m = small_number(text.substr(colon + 1));
    if (n != 0 && m != 0 && n <= m) return {n, m};
  }
  throw InputError("candidate \"" + std::string(text) + "\" is neither \"dense\" nor \"N:M\" with 1 <= N <= M <= 256");
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
