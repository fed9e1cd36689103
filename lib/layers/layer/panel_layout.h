#pragma once

#include "kernels/layout/panels.h"
#include "tensor/tensor.h"

namespace lucid {

// The layout itself where our kernels over channels can read it, else plain order.
Layout panel_layout(const Layout& layout);

// How they see a value of such a layout: (N, C, D, H, W) or (N, F).
Panels panels_of(const Layout& layout);

// A workspace of `count` numbers that are no floats.
template <class Number>
Layout workspace_layout(std::int64_t count) {
  return onednn::plain_layout({checked_product(count, sizeof(Number))}, onednn::kByte);
}

}  // namespace lucid
