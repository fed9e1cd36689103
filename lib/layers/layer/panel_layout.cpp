#include "layers/layer/panel_layout.h"

namespace lucid {
namespace {

using onednn::Order;

Panels channels_last(const Panels& panels) {
  Panels last = panels;
  last.width = std::min(panels.channels, Panels::kWidest);
  last.step = panels.channels;
  return last;
}

Panels blocked(const Panels& panels, std::int64_t width) {
  Panels result = panels;
  result.width = result.step = width;
  return result;
}

}  // namespace

Layout panel_layout(const Layout& layout) {
  if (onednn::order_of(layout)) return layout;
  return onednn::plain_layout(onednn::extents(layout));
}

Panels panels_of(const Layout& layout) {
  const Shape shape = onednn::shape_of(layout);
  Panels panels{.samples = shape[0], .channels = shape[1]};
  panels.voxels = shape.elements() / (shape[0] * shape[1]);
  switch (onednn::order_of(layout).value_or(Order::kPlain)) {
    case Order::kBlocked8:
      return blocked(panels, 8);
    case Order::kBlocked16:
      return blocked(panels, 16);
    case Order::kChannelsLast:
      return channels_last(panels);
    case Order::kPlain:
      return panels.voxels == 1 ? channels_last(panels) : panels;
  }
  return panels;
}

}  // namespace lucid
