#pragma once

#include "tensor/vector_set.h"

// Stands before the pieces of a function with clones: what is not inlined would be compiled for the
// oldest processor only. A lambda takes the first form, behind its parameters.
#define LUCID_ALWAYS_INLINE __attribute__((always_inline))
#define LUCID_INLINE inline LUCID_ALWAYS_INLINE

#if defined(__x86_64__)
#define LUCID_FOR(instructions) __attribute__((target(instructions)))
#else
#define LUCID_FOR(instructions)
#endif

// Stands before the body of a function, which is compiled for each instruction set, so that one
// program runs everywhere. Every call takes the clone for the set that oneDNN uses: one limit,
// ONEDNN_MAX_CPU_ISA, holds for both. oneDNN speaks of AVX-512 where the processor has all of the
// four parts below.
//   LUCID_CLONED(void, add_rows, (const Rows& rows, float* sum), (rows, sum)) { ... }
#ifdef LUCID_SANITIZE  // which watches the source, and all clones have the same
#define LUCID_CLONED(Result, name, parameters, arguments)  \
  static LUCID_INLINE Result name##_body parameters;       \
  Result name parameters { return name##_body arguments; } \
  static LUCID_INLINE Result name##_body parameters
#else
#define LUCID_CLONED(Result, name, parameters, arguments)                               \
  static LUCID_INLINE Result name##_body parameters;                                    \
  LUCID_FOR("avx512f,avx512bw,avx512dq,avx512vl,fma")                                   \
  static Result name##_for_avx512 parameters { return name##_body arguments; }          \
  LUCID_FOR("avx2,fma")                                                                 \
  static Result name##_for_avx2 parameters { return name##_body arguments; }            \
  Result name parameters {                                                              \
    const auto set = ::lucid::onednn::vector_set();                                     \
    if (set == ::lucid::onednn::VectorSet::kAvx512) return name##_for_avx512 arguments; \
    if (set == ::lucid::onednn::VectorSet::kAvx2) return name##_for_avx2 arguments;     \
    return name##_body arguments;                                                       \
  }                                                                                     \
  static LUCID_INLINE Result name##_body parameters
#endif
