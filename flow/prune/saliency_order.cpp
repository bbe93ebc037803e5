#include "flow/prune/group_chooser.h"

namespace flexcim {
namespace {

/// Every element's rank by counting those before it: no branches, and for a fixed M no loops either.
template <int M>
void order_fixed(const float* s, std::uint8_t* order) {
  for (int i = 0; i < M; ++i) {
    int rank = 0;
    for (int j = 0; j < i; ++j) rank += s[j] >= s[i] ? 1 : 0;
    for (int j = i + 1; j < M; ++j) rank += s[j] > s[i] ? 1 : 0;
    order[rank] = static_cast<std::uint8_t>(i);
  }
}

void order_any(const float* s, int length, std::uint8_t* order) {
  for (int i = 0; i < length; ++i) {
    int place = i;
    for (; place > 0 && s[order[place - 1]] < s[i]; --place) order[place] = order[place - 1];
    order[place] = static_cast<std::uint8_t>(i);
  }
}

}  // namespace

void saliency_order(const float* saliency, int length, std::uint8_t* order) {
  switch (length) {
    case 2:
      return order_fixed<2>(saliency, order);
    case 4:
      return order_fixed<4>(saliency, order);
    case 8:
      return order_fixed<8>(saliency, order);
    case 16:
      return order_fixed<16>(saliency, order);
    default:
      return order_any(saliency, length, order);
  }
}

}  // namespace flexcim
