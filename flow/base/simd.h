// Kernels for several instruction sets: which sets there are, and which one runs. All SIMD kernels are chosen here.
//
// A kernel's result does not depend on the set: no float sums whose order the compiler could choose, no contraction
// (the build sets -ffp-contract=off). Tests compare every set that the machine has with the portable one.
#pragma once

#include <atomic>
#include <string_view>
#include <vector>

#if defined(__x86_64__)
#define FLEXCIM_X86 1
// Stands before a function that uses the set; call it only where simd() reaches the set. Each includes those before.
#define FLEXCIM_AVX2 __attribute__((target("popcnt,avx2")))
#define FLEXCIM_AVX512 __attribute__((target("popcnt,avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl")))
#define FLEXCIM_AVX512VNNI __attribute__((target("popcnt,avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni")))
#define FLEXCIM_AVX512VBMI \
  __attribute__((target("popcnt,avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni,avx512vbmi")))
#define FLEXCIM_AMX                                                                                    \
  __attribute__((                                                                                      \
      target("popcnt,avx2,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vnni,avx512vbmi,amx-tile," \
             "amx-int8")))
#else
#define FLEXCIM_X86 0
#endif

/// Stands before a loop whose count is known: its variables get registers, which GCC does not find out early enough.
#if defined(__clang__)
#define FLEXCIM_UNROLL _Pragma("unroll")
#else
#define FLEXCIM_UNROLL _Pragma("GCC unroll 16")
#endif

/// Stands before loops that simd_kernel compiles for several sets, and before what they call.
#define FLEXCIM_SIMD_LOOPS __attribute__((always_inline)) inline

namespace flexcim {

/// Instruction sets in rising order.
enum class Simd { portable, avx2, avx512, avx512vnni, avx512vbmi, amx };

/// Its name, as above.
std::string_view name_of(Simd set);

/// The sets that this machine has, in rising order: portable first.
std::vector<Simd> machine_simd();

namespace detail {
inline std::atomic<int> simd_in_use{-1};
Simd determine_simd();
}  // namespace detail

/// The highest set that kernels may use: the machine's or, where the environment variable FLEXCIM_SIMD names a lower
/// one, that. Throws InputError where it names none.
inline Simd simd() {
  const int set = detail::simd_in_use.load(std::memory_order_relaxed);
  return set >= 0 ? static_cast<Simd>(set) : detail::determine_simd();
}

/// While it lives, kernels use `set`, which the machine must have, whatever the environment says. For tests: no kernel
/// may be running.
class SimdOverride {
 public:
  explicit SimdOverride(Simd set) : before_(detail::simd_in_use.exchange(static_cast<int>(set))) {}
  ~SimdOverride() { detail::simd_in_use = before_; }
  SimdOverride(const SimdOverride&) = delete;
  SimdOverride& operator=(const SimdOverride&) = delete;

 private:
  int before_;
};

template <auto kLoops>
struct SimdKernel;

template <class Result, class... Args, Result (*kLoops)(Args...)>
struct SimdKernel<kLoops> {
  static Result portable(Args... args) { return kLoops(args...); }
#if FLEXCIM_X86
  FLEXCIM_AVX2 static Result avx2(Args... args) { return kLoops(args...); }
  FLEXCIM_AVX512 static Result avx512(Args... args) { return kLoops(args...); }
#endif
  static Result run(Args... args) {
#if FLEXCIM_X86
    const Simd set = simd();
    if (set >= Simd::avx512) return avx512(args...);
    if (set >= Simd::avx2) return avx2(args...);
#endif
    return portable(args...);
  }
};

/// kLoops, a function marked FLEXCIM_SIMD_LOOPS, compiled for the base instruction set, AVX2 and AVX-512; a call takes
/// the one that simd() allows.
template <auto kLoops>
constexpr auto simd_kernel = &SimdKernel<kLoops>::run;

}  // namespace flexcim
