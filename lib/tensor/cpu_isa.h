#pragma once
// Private to this room.

#include <oneapi/dnnl/dnnl.hpp>

namespace lucid::onednn {

// Whether oneDNN uses these instructions, possibly limited by ONEDNN_MAX_CPU_ISA. Values of the
// enumeration are sets of bits; a larger instruction set contains the bits of a smaller one.
inline bool contains(dnnl::cpu_isa wanted) {
  const auto has = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto bits = static_cast<unsigned>(wanted);
  return (has & bits) == bits;
}

}  // namespace lucid::onednn
