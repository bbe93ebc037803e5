#include "platform/estimate/model_slice.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

/// `share` of `whole`.
int whole_share(double share, int whole, const char* what) {
  const double part = share * whole;
  constexpr double kRounded = 0.01;  // of shares written with nine digits
  if (std::abs(part - std::round(part)) < kRounded) return static_cast<int>(std::lround(part));
  throw InputError(fmt::format("{:.9g} of {} {} is {:.6g}, no whole number: {:.9g} and {:.9g} are next to it", share,
                               whole, what, part, std::floor(part) / whole, std::ceil(part) / whole));
}

}  // namespace

std::vector<int> blocks_run(const ModelShapes& model, double skip) {
  const int skipped = whole_share(skip, model.blocks, "blocks");
  if (skipped == model.blocks) throw InputError("all blocks would be skipped");
  const int first = (model.blocks - skipped) / 2;
  std::vector<int> blocks;
  for (int block = 0; block < model.blocks; ++block) {
    if (block < first || block >= first + skipped) blocks.push_back(block);
  }
  return blocks;
}

std::vector<int> ffn_widths(const ModelShapes& model, const std::vector<double>& shares) {
  const bool narrower = std::any_of(shares.begin(), shares.end(), [](double share) { return share < 1; });
  if (narrower && model.ffn == 0) throw InputError("a " + model.type + " has no feed-forward network to narrow");
  const int count = static_cast<int>(shares.size());
  if (model.blocks % count != 0) {
    throw InputError(fmt::format("{} shares do not divide {} blocks equally", count, model.blocks));
  }
  std::vector<int> widths;
  for (int block = 0; block < model.blocks; ++block) {
    const double share = shares[static_cast<std::size_t>(block / (model.blocks / count))];
    widths.push_back(whole_share(share, model.ffn, "channels of the feed-forward network"));
    if (narrower && widths.back() == 0) throw InputError("no channel of the feed-forward network would be left");
  }
  return widths;
}

SlicedModel slice(const ModelShapes& model, const std::vector<int>& blocks, const std::vector<int>& widths) {
  SlicedModel sliced{model, static_cast<int>(blocks.size())};
  sliced.shapes.linears.clear();
  for (const int block : blocks) {
    sliced.ffn_blocks += model.ffn == 0 ? 0 : widths[static_cast<std::size_t>(block)] / static_cast<double>(model.ffn);
  }
  for (LinearShape linear : model.linears) {
    if (linear.block >= 0) {
      if (!std::binary_search(blocks.begin(), blocks.end(), linear.block)) continue;
      const int width = widths[static_cast<std::size_t>(linear.block)];
      if (linear.ffn == FfnSide::out) linear.out = width;
      if (linear.ffn == FfnSide::in) linear.in = width;
    }
    sliced.shapes.linears.push_back(linear);
  }
  return sliced;
}

}  // namespace flexcim
