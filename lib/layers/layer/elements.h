#pragma once

#include "kernels/simd/bfloat16.h"
#include "tensor/tensor.h"

namespace lucid {

// Counts the elements of a layout, padding channels included.
inline std::int64_t element_count(const Layout& layout) {
  return static_cast<std::int64_t>(layout.get_size() /
                                   dnnl::memory::data_type_size(onednn::data_type(layout)));
}

// Calls make() with an element of the layout's type, for functions that are compiled for each type.
template <class Make>
auto with_element_type(const Layout& layout, const Make& make) {
  if (onednn::data_type(layout) == onednn::kBfloat16) return make(Bfloat16{});
  return make(float{});
}

}  // namespace lucid
