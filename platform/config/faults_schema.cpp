#include "platform/config/faults_schema.h"

#include "platform/yaml/yaml_types.h"

#include <algorithm>
#include <fmt/format.h>

namespace flexcim {
namespace {

constexpr std::uint64_t kMostSeed = ~std::uint64_t{0} >> 1;

Schema<FaultSpec> inject_schema() {
  Schema<FaultSpec> s;
  s.key("target", &FaultSpec::target, text("glob"),
        "glob (* and ?) over the names of what has bits: docs/faults.md lists them")
      .required();
  s.key("kind", &FaultSpec::kind,
        choice<FaultKind>({FaultKind::transient, FaultKind::stuck_at_0, FaultKind::stuck_at_1}),
        "bits flip in single accesses, or always read the same");
  s.key("rate", &FaultSpec::rate, real(0, 1), "probability per bit and access; of stuck bits, their share of all")
      .required();
  s.key("bits", &FaultSpec::bits, list_of(whole(0, 31)),
        "of a word (of DRAM, activation and weight buffer: of a byte), 0 the least significant; none: all");
  return s;
}

Schema<FaultParameters> declare_faults() {
  Schema<FaultParameters> s;
  s.key("seed", &FaultParameters::seed, whole(std::uint64_t{0}, kMostSeed), "the same seed hits the same bits");
  s.key("inject", &FaultParameters::inject, list_of(map_of(inject_schema())), "what goes wrong").required();
  return s;
}

}  // namespace

const Schema<FaultParameters>& faults_schema() {
  static const Schema<FaultParameters> schema = declare_faults();
  return schema;
}

void check_faults(YamlReader& reader, const FaultParameters& faults, const Architecture& architecture) {
  const std::vector<FaultPlace> places = fault_places(architecture.macro, architecture.macros);
  if (faults.inject.empty()) reader.problem("faults.inject", "nothing is to go wrong: leave out faults");
  for (std::size_t i = 0; i < faults.inject.size(); ++i) {
    const FaultSpec& spec = faults.inject[i];
    const std::string path = fmt::format("faults.inject.{}", i);
    int most = 0;
    for (const FaultPlace& place : places) {
      if (names_place(spec.target, place)) most = std::max(most, word_bits(place.site, architecture.macro));
    }
    if (most == 0) {
      reader.problem(path + ".target", fmt::format("\"{}\" names nothing of this architecture, as \"{}\" would",
                                                   spec.target, places.front().name));
    }
    for (std::size_t b = 0; b < spec.bits.size() && most > 0; ++b) {
      if (spec.bits[b] < most) continue;
      reader.problem(fmt::format("{}.bits.{}", path, b),
                     fmt::format("{}: words of the target have {} bits", spec.bits[b], most));
    }
  }
}

}  // namespace flexcim
