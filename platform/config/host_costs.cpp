#include "platform/config/host_costs.h"

#include <cmath>
#include <fmt/format.h>

namespace flexcim {
namespace {

struct Default {
  OperatorClass operators;
  double instructions;  ///< per unit, of a scalar loop
};

/// Executed instructions per unit of the loops of platform/firmware/examples/operators.c, and of such loops for what a
/// Llama does not have, as GCC 12 compiles them with -O2 for RV32IMAFC.
using C = OperatorClass;
constexpr std::array<Default, kOperatorClasses> kDefaults{{{C::embedding, 5},
                                                           {C::norm, 23},
                                                           {C::rope, 9.7},
                                                           {C::attention, 7.1},
                                                           {C::softmax, 93},
                                                           {C::activation, 66},
                                                           {C::elementwise, 7},
                                                           {C::convolution, 10.5},
                                                           {C::scan, 39},
                                                           {C::head, 7},
                                                           {C::quantize, 27},
                                                           {C::dequantize, 10}}};
constexpr double kLanes = 4;  // values that an instruction of the assumed core works on

constexpr bool in_order() {
  for (std::size_t i = 0; i < kOperatorClasses; ++i) {
    if (kDefaults[i].operators != static_cast<OperatorClass>(i)) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

HostCosts::HostCosts() noexcept {
  for (std::size_t i = 0; i < kOperatorClasses; ++i) cycles[i] = kDefaults[i].instructions / kLanes;
}

std::uint64_t HostCosts::cycles_of(OperatorClass operators, std::uint64_t units) const {
  return static_cast<std::uint64_t>(std::ceil(of(operators) * static_cast<double>(units)));
}

std::string host_cost_table() {
  std::string table = "| class | what | cycles | per | instructions of the scalar loop |\n|---|---|---|---|---|\n";
  const HostCosts defaults;
  for (const Default& cost : kDefaults) {
    const OperatorClassInfo& info = operator_classes()[static_cast<std::size_t>(cost.operators)];
    table += fmt::format("| `{}` | {} | {} | {} | {} |\n", info.name, info.description, defaults.of(cost.operators),
                         info.unit, cost.instructions);
  }
  return table;
}

}  // namespace flexcim
