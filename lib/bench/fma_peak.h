#pragma once
// Private to this room.

#include <string>
#include <vector>

#include "tensor/engine.h"

namespace lucid {

// The peak rate of an instruction set's fused multiply-adds of floats on all threads.
struct FmaPeak {
  std::string instructions;  // "AVX-512", "AVX2", "portable"
  double flops_per_second;   // a multiply-add counts as 2
};

// Measures every instruction set of the processor, the widest first; the last is portable code.
// ONEDNN_MAX_CPU_ISA has no influence.
std::vector<FmaPeak> measure_fma_peaks(const Engine& engine);

}  // namespace lucid
