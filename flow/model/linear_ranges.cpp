#include "flow/model/linear_ranges.h"

namespace flexcim {
namespace {

/// The linears within a range in runs in which `member` is the same.
std::vector<LinearRange> runs(const std::vector<LinearInfo>& linears, LinearRange within, int LinearInfo::*member) {
  std::vector<LinearRange> result;
  for (std::size_t i = within.first; i < within.last; ++i) {
    const bool joins = i > within.first && linears[i].*member == linears[i - 1].*member;
    if (!joins) result.push_back({i, i});
    result.back().last = i + 1;
  }
  return result;
}

}  // namespace

std::vector<LinearRange> block_ranges(const std::vector<LinearInfo>& linears) {
  return runs(linears, {0, linears.size()}, &LinearInfo::block);
}

std::vector<LinearRange> stage_ranges(const std::vector<LinearInfo>& linears, LinearRange block) {
  return runs(linears, block, &LinearInfo::stage);
}

}  // namespace flexcim
