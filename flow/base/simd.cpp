#include "flow/base/simd.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace flexcim {
namespace {

constexpr std::string_view kNames[] = {"portable", "avx2", "avx512", "avx512vnni", "avx512vbmi"};

bool machine_has(Simd set) {
#if FLEXCIM_X86
  __builtin_cpu_init();
  switch (set) {
    case Simd::portable:
      return true;
    case Simd::avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    case Simd::avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl");
    case Simd::avx512vnni:
      return __builtin_cpu_supports("avx512vnni");
    case Simd::avx512vbmi:
      return __builtin_cpu_supports("avx512vbmi");
  }
#endif
  return set == Simd::portable;
}

}  // namespace

std::string_view name_of(Simd set) { return kNames[static_cast<int>(set)]; }

std::vector<Simd> machine_simd() {
  std::vector<Simd> sets;
  for (const Simd set : {Simd::portable, Simd::avx2, Simd::avx512, Simd::avx512vnni, Simd::avx512vbmi}) {
    if (!machine_has(set)) break;
    sets.push_back(set);
  }
  return sets;
}

Simd detail::determine_simd() {
  Simd set = machine_simd().back();
  if (const char* limit = std::getenv("FLEXCIM_SIMD")) {
    const auto* const named = std::find(std::begin(kNames), std::end(kNames), limit);
    if (named == std::end(kNames)) {
      std::string known;
      for (const std::string_view name : kNames) known.append(known.empty() ? "" : ", ").append(name);
      throw InputError("environment variable FLEXCIM_SIMD: '" + std::string(limit) + "' is not one of " + known);
    }
    set = std::min(set, static_cast<Simd>(named - kNames));
  }
  simd_in_use.store(static_cast<int>(set), std::memory_order_relaxed);
  return set;
}

}  // namespace flexcim
