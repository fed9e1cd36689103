#include "layers/layer/channel_order.h"

namespace lucid {
namespace {

using onednn::Order;

// Counts the neighbouring channels that a kernel processes together.
std::int64_t lanes_of(Order order, std::int64_t channels) {
  if (order == Order::kBlocked8) return 8;
  if (order == Order::kBlocked16) return 16;
  if (order == Order::kPlain) return 1;
  return channels % 16 == 0 ? 16 : channels % 8 == 0 ? 8 : 1;
}

}  // namespace

ChannelGroups groups_of(const Shape& shape, Order order) {
  const std::int64_t lanes = lanes_of(order, shape[1]), groups = (shape[1] + lanes - 1) / lanes;
  const std::int64_t volume = shape[2] * shape[3] * shape[4];
  // The next voxel lies behind the group's lanes, or behind all channels.
  const bool is_last = order == Order::kChannelsLast;
  const std::int64_t step = is_last ? shape[1] : lanes;
  return {.samples = shape[0],
          .groups = groups,
          .lanes = lanes,
          .sample_stride = groups * lanes * volume,
          .group_stride = is_last ? lanes : lanes * volume,
          .voxel_stride = {shape[3] * shape[4] * step, shape[4] * step, step}};
}

ChannelRuns runs_of(const Layout& layout) {
  const Shape shape = onednn::shape_of(layout);
  const std::int64_t channels = shape[1], voxels = shape.elements() / shape[0] / channels;
  const Order order = onednn::order_of(layout).value_or(Order::kPlain);
  // The plain channels of a single voxel are neighbours, too.
  const bool is_last = order == Order::kChannelsLast || voxels == 1;
  const std::int64_t block = order == Order::kBlocked8 ? 8 : order == Order::kBlocked16 ? 16 : 0;
  const std::int64_t lanes = block > 0 ? block : is_last ? channels : 1;
  const std::int64_t runs = (channels + lanes - 1) / lanes;
  return {.samples = shape[0],
          .channels = channels,
          .voxels = voxels,
          .lanes = lanes,
          .sample_stride = runs * lanes * voxels,
          .run_stride = lanes * voxels,
          .voxel_stride = lanes};
}

bool has_runs(const Layout& layout) {
  return onednn::is_plain(layout) || onednn::order_of(layout).has_value();
}

Layout with_runs(const Layout& layout) {
  return has_runs(layout) ? layout : onednn::plain_layout(onednn::extents(layout));
}

}  // namespace lucid
