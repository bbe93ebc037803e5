#include "platform/estimate/pattern_spend.h"

#include "flow/base/error.h"
#include "platform/estimate/gemm_price.h"

#include <fmt/format.h>
#include <map>

namespace flexcim {
namespace {

struct BudgetName {
  Budget budget;
  std::string_view name, unit;
};
constexpr BudgetName kBudgetNames[] = {
    {Budget::cycles, "cycles", "cycles"}, {Budget::energy, "energy", "fJ"}, {Budget::bytes, "bytes", "bytes"}};

const BudgetName& names_of(Budget budget) { return kBudgetNames[static_cast<std::size_t>(budget)]; }

void add(std::int64_t& sum, std::int64_t spend) {
  if (spend > kMostSpend - sum) throw InputError("the spends of a block add up to more than 2^62");
  sum += spend;
}

}  // namespace

Budget parse_budget(std::string_view text) {
  for (const BudgetName& each : kBudgetNames) {
    if (each.name == text) return each.budget;
  }
  throw InputError(fmt::format("budget \"{}\" is none of cycles, energy, bytes", text));
}

std::string_view to_string(Budget budget) { return names_of(budget).name; }
std::string_view unit_of(Budget budget) { return names_of(budget).unit; }

std::int64_t GemmSpend::of(Budget budget) const {
  switch (budget) {
    case Budget::cycles:
      return static_cast<std::int64_t>(cycles);
    case Budget::energy:
      return energy;
    case Budget::bytes:
      return static_cast<std::int64_t>(dram_bytes);
  }
  return 0;
}

std::vector<std::vector<GemmSpend>> pattern_spends(const Hardware& hardware, const std::vector<LinearInfo>& linears,
                                                   const std::vector<Pattern>& patterns,
                                                   const SpendSettings& settings) {
  const Architecture& architecture = hardware.architecture;
  const EnergyModel energy(architecture, hardware.technology, hardware.sequencing);
  const int phases = phases_of(settings.policy, architecture.macro);
  std::map<GemmShape, GemmSpend> known;
  const auto spend_of = [&](const GemmShape& shape) {
    if (const auto found = known.find(shape); found != known.end()) return found->second;
    const GemmEstimate estimate = estimate_gemm(architecture, hardware.sequencing, shape);
    const GemmPrice price = price_gemm(architecture, energy, estimate);
    return known.emplace(shape, GemmSpend{estimate.cycles, price.energy.total(), price.dram_bytes}).first->second;
  };
  std::vector<std::vector<GemmSpend>> spends;
  for (const LinearInfo& linear : linears) {
    std::vector<GemmSpend>& own = spends.emplace_back();
    for (const Pattern& pattern : patterns) {
      try {
        own.push_back(spend_of(
            {settings.tokens, linear.out, linear.in, pattern, phases, settings.weight_bits, settings.requantized}));
      } catch (const InputError& error) {
        throw InputError(linear.name + ": " + error.what());
      }
    }
  }
  return spends;
}

std::vector<ItemSpend> item_spends(const Hardware& hardware, const std::vector<LinearInfo>& linears, int blocks,
                                   Granularity granularity, const std::vector<Candidate>& candidates, Budget budget,
                                   const SpendSettings& settings) {
  std::vector<Pattern> patterns;
  patterns.reserve(candidates.size() + 1);
  for (const Candidate candidate : candidates) patterns.push_back(candidate.pattern());
  patterns.emplace_back();  // dense
  const auto spends = pattern_spends(hardware, linears, patterns, settings);
  const bool by_block = granularity == Granularity::block;
  std::vector<ItemSpend> items(by_block ? static_cast<std::size_t>(blocks) : linears.size());
  for (ItemSpend& item : items) item.candidates.resize(candidates.size());
  for (std::size_t l = 0; l < linears.size(); ++l) {
    ItemSpend& item = items.at(by_block ? static_cast<std::size_t>(linears[l].block) : l);
    for (std::size_t c = 0; c < candidates.size(); ++c) add(item.candidates[c], spends[l][c].of(budget));
    add(item.dense, spends[l].back().of(budget));
  }
  return items;
}

}  // namespace flexcim
