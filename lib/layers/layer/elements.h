#pragma once

#include "kernels/simd/bfloat16.h"
#include "tensor/tensor.h"

namespace lucid {

// Numbers of a layout, padding included.
inline std::int64_t number_count(const Layout& layout) {
  return static_cast<std::int64_t>(layout.get_size() /
                                   dnnl::memory::data_type_size(onednn::data_type(layout)));
}

// make(one of the numbers that the layout holds), for functions that are compiled for each type.
template <class Make>
auto with_number_of(const Layout& layout, const Make& make) {
  if (onednn::data_type(layout) == onednn::kBfloat16) return make(Bfloat16{});
  return make(float{});
}

}  // namespace lucid
