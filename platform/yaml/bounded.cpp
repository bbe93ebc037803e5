#include "platform/yaml/bounded.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr int kDeepest = 100;
constexpr std::size_t kAlwaysAllowed = 100'000;  // values of a document, however short

/// Takes `node` and all below it from the values that a document may have; those of an anchor once for each alias.
void count(const YAML::Node& node, int depth, std::size_t& left) {
  if (depth > kDeepest) {
    throw YAML::Exception(node.Mark(),
                          fmt::format("lists and maps lie more than {} deep, or one lies in itself", kDeepest));
  }
  if (left-- == 0) throw YAML::Exception(node.Mark(), "aliases make too many values of this document");
  for (const auto& entry : node) {
    if (node.IsMap()) {
      count(entry.first, depth + 1, left);
      count(entry.second, depth + 1, left);
    } else {
      count(entry, depth + 1, left);
    }
  }
}

}  // namespace

void require_bounded(const YAML::Node& node, const std::string& text) {
  std::size_t left = std::max(kAlwaysAllowed, 2 * text.size());
  count(node, 0, left);
}

}  // namespace flexcim
