#pragma once

namespace lucid::onednn {

// The vector instructions that oneDNN uses, possibly limited by ONEDNN_MAX_CPU_ISA; our own kernels
// use the same.
enum class VectorSet { kPortable, kAvx2, kAvx512 };
VectorSet vector_set();
const char* vector_set_name();  // as in names of oneDNN's implementations: "avx512"

}  // namespace lucid::onednn
