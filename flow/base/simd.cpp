#include "flow/base/simd.h"

#include "flow/base/error.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#if FLEXCIM_X86
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace flexcim {
namespace {

constexpr std::string_view kNames[] = {"portable", "avx2", "avx512", "avx512vnni", "avx512vbmi", "amx"};

#if FLEXCIM_X86
/// Whether processor and kernel have AMX for int8; the kernel gives its registers to processes that ask for them.
bool machine_has_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kTile = 1u << 24, kInt8 = 1u << 25;  // CPUID.7.0:EDX
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & kTile) == 0 || (d & kInt8) == 0) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}
#endif

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
    case Simd::amx:
      return machine_has_amx();
  }
#endif
  return set == Simd::portable;
}

}  // namespace

std::string_view name_of(Simd set) { return kNames[static_cast<int>(set)]; }

std::vector<Simd> machine_simd() {
  std::vector<Simd> sets;
  for (const Simd set : {Simd::portable, Simd::avx2, Simd::avx512, Simd::avx512vnni, Simd::avx512vbmi, Simd::amx}) {
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
