#pragma once

#include <string>
#include <vector>

#include "tensor/engine.h"

namespace lucid {

// What one instruction set's fused multiply-adds of floats reach, all threads together.
struct FmaPeak {
  std::string instructions;  // "AVX-512", "AVX2", "portable"
  double flops_per_second;   // a multiply-add counts 2
};

// Measured for every instruction set that the processor has, the widest first; the last is code
// that runs anywhere. What oneDNN is limited to (ONEDNN_MAX_CPU_ISA) changes nothing.
std::vector<FmaPeak> measure_fma_peaks(const Engine& engine);

}  // namespace lucid
