#pragma once

#include "kernels/layout/panels.h"
#include "tensor/tensor.h"

namespace lucid {

// Returns the layout itself if the kernels over panels can read it, else plain order.
Layout panel_layout(const Layout& layout);

// Describes the panels of such a layout, (N, C, D, H, W) or (N, F).
Panels panels_of(const Layout& layout);

// Returns the layout of a workspace of `count` elements that are not floats.
template <class Element>
Layout workspace_layout(std::int64_t count) {
  return onednn::plain_layout({checked_product(count, sizeof(Element))}, onednn::kByte);
}

}  // namespace lucid
