#include "tensor/vector_set.h"

#include "tensor/cpu_isa.h"

namespace lucid::onednn {
namespace {

VectorSet effective_set() {
  if (contains(dnnl::cpu_isa::avx512_core)) return VectorSet::kAvx512;
  return contains(dnnl::cpu_isa::avx2) ? VectorSet::kAvx2 : VectorSet::kPortable;
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
