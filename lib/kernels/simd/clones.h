#pragma once

// Stands before a function, which is compiled for each instruction set: the loader picks the best,
// so that one program runs everywhere. Sanitizers start after the loader has picked, so sanitized
// builds have the portable twin alone.
#if defined(__x86_64__) && defined(__linux__) && !defined(LUCID_SANITIZE)
#define LUCID_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LUCID_CLONES
#endif

// Stands before the pieces of such a function: what is not inlined would be compiled for the oldest
// processor only. A lambda takes the first form, behind its parameters.
#define LUCID_ALWAYS_INLINE __attribute__((always_inline))
#define LUCID_INLINE inline LUCID_ALWAYS_INLINE
