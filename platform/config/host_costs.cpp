#include "platform/config/host_costs.h"

#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace flexcim {
namespace {

struct Default {
  OperatorClass operators;
  double cycles;  ///< instructions on four floats, over four
  std::string_view reasoning;
};

using C = OperatorClass;
constexpr std::array<Default, kOperatorClasses> kDefaults{{
    {C::embedding, 0.75, "3: load, widen, store"},
    {C::norm, 1.75, "7: load, multiply-add; load twice, multiply twice, store"},
    {C::rope, 1.5, "6: load value, cosine and sine, multiply, multiply-add, store"},
    {C::attention, 0.5, "2: load, multiply-add; the other operand stays in a register"},
    {C::softmax, 6.5, "26: load, maximum; load, multiply-add, exponential of 17, sum, store; load, multiply, store"},
    {C::activation, 7, "28: load, exponential of 17, add, divide for 8, store"},
    {C::elementwise, 1, "4: load twice, add or multiply, store"},
    {C::convolution, 0.75, "3: load twice, multiply-add"},
    {C::scan, 7.25, "29: load 5, multiply 3, exponential of 17, multiply-add 2, store 2"},
    {C::head, 0.5, "2: load, multiply-add"},
    {C::quantize, 1.75, "7: load, multiply, round, saturate twice, narrow, store"},
    {C::dequantize, 1, "4: load, convert, multiply, store"},
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

std::string host_cost_table() {
  std::string table = "| class | what | cycles | per | instructions on four |\n|---|---|---|---|---|\n";
  for (const Default& cost : kDefaults) {
    const OperatorClassInfo& info = operator_classes()[static_cast<std::size_t>(cost.operators)];
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", info.name, info.description, cost.cycles, info.unit,
                         cost.reasoning);
  }
  return table;
}

}  // namespace flexcim
