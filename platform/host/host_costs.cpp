#include "platform/host/host_costs.h"

#include <cmath>

namespace flexcim {
namespace {

struct Default {
  OperatorClass operators;
  double cycles;  ///< instructions on four floats, over four
  std::string_view reasoning;
};

using C = OperatorClass;
constexpr std::array<Default, kOperatorClasses> kDefaults{{
    {C::embedding, 0.75, "load, widen, store"},
    {C::norm, 1.75, "load, multiply-add; load twice, multiply twice, store"},
    {C::rope, 1.5, "load value, cosine, sine; multiply, multiply-add, store"},
    {C::attention, 0.5, "load, multiply-add; the other operand stays in registers"},
    {C::softmax, 5, "load, maximum; exponential of 13, sum, store; load, multiply, store"},
    {C::activation, 6, "load, exponential of 13, add, divide of 8, store"},
    {C::elementwise, 1, "load twice, add or multiply, store"},
    {C::convolution, 0.75, "load twice, multiply-add"},
    {C::scan, 6, "load state and A, exponential of 13, multiply 3, multiply-add 2, sum and store 4"},
    {C::head, 0.5, "load, multiply-add"},
    {C::quantize, 1.75, "load, multiply, round, saturate twice, narrow, store"},
    {C::dequantize, 1, "load, convert, multiply, store"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    if (kDefaults[i].operators != static_cast<OperatorClass>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

HostCosts::HostCosts() noexcept {
  for (std::size_t i = 0; i < kOperatorClasses; ++i) cycles[i] = kDefaults[i].cycles;
}

std::uint64_t HostCosts::cycles_of(OperatorClass operators, std::uint64_t units) const {
  return static_cast<std::uint64_t>(std::ceil(of(operators) * static_cast<double>(units)));
}

std::string_view cost_reasoning(OperatorClass operators) {
  return kDefaults[static_cast<std::size_t>(operators)].reasoning;
}

}  // namespace flexcim
