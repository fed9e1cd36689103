#include "tensor/vector_set.h"

#include <oneapi/dnnl/dnnl.hpp>

namespace lucid::onednn {
namespace {

VectorSet effective_set() {
  using dnnl::cpu_isa;
  const auto has = [](cpu_isa wanted) {  // each feature is a bit
    const auto bits = static_cast<unsigned>(wanted);
    return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
  };
  if (has(cpu_isa::avx512_core)) return VectorSet::kAvx512;
  return has(cpu_isa::avx2) ? VectorSet::kAvx2 : VectorSet::kPortable;
}

}  // namespace

// Asked by every call of a kernel, and oneDNN fixes its answer with the first.
VectorSet vector_set() {
  static const VectorSet set = effective_set();
  return set;
}

const char* vector_set_name() {
  switch (vector_set()) {
    case VectorSet::kAvx512:
      return "avx512";
    case VectorSet::kAvx2:
      return "avx2";
    case VectorSet::kPortable:
      break;
  }
  return "sse41";
}

}  // namespace lucid::onednn
