#pragma once

#include "layers/convolution/problem/onednn_quality.h"
#include "layers/convolution/problem/thresholds.h"

namespace lucid {

// The machine that routes are judged for. It need not be the one that judges: tests ask about AVX2
// on a processor with AVX-512.
struct Machine {
  onednn::VectorSet vectors = onednn::VectorSet::kPortable;
  int threads = 1;
  const Library* library = nullptr;  // outlives the machine
  Thresholds thresholds{};
  bool has_matrix_unit = false;  // AMX, for bfloat16

  bool has_wide_vectors() const { return vectors == onednn::VectorSet::kAvx512; }
  // Floats of a vector, which are the channels of a block.
  std::int64_t lanes() const { return has_wide_vectors() ? 16 : 8; }
  onednn::Order blocks() const {
    return has_wide_vectors() ? onednn::Order::kBlocked16 : onednn::Order::kBlocked8;
  }
};

// This machine, with the threads that OpenMP offers.
Machine this_machine(const Library& library);

}  // namespace lucid
