// Loops compiled for several instruction sets, chosen at run time.
#pragma once

/// Before a function whose loops vectorize: compiles it for AVX-512, AVX2 and the base instruction set. Its results
/// must not depend on the width: no float sums whose order the compiler could choose, no contraction (the build sets
/// -ffp-contract=off).
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define FLEXCIM_CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else  // under the address sanitizer the choice would run before the sanitizer is set up
#define FLEXCIM_CLONES
#endif
