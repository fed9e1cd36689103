#include "layers/convolution/phase_interleaving.h"

#include <algorithm>

namespace lucid {
namespace {

using onednn::Order;

// Strides of a tensor in one of the orders.
struct Steps {
  Steps(const Shape& shape, Order in_order) : order(in_order), block(block_of(in_order)) {
    const bool is_last = order == Order::kChannelsLast;
    const std::int64_t voxel = is_last ? shape[1] : block;
    voxels = shape[2] * shape[3] * shape[4];
    sample = (shape[1] + block - 1) / block * block * voxels;
    steps = {shape[3] * shape[4] * voxel, shape[4] * voxel, voxel};
    run = is_last ? 1 : block * voxels;
  }

  // Of the first of a block's channels.
  std::int64_t channel(std::int64_t c) const { return c / block * run; }

  Order order;
  std::int64_t block, voxels, sample, run;
  Triple steps;
};

// How many channels of a group are copied at a time.
std::int64_t lanes_of(Order order, std::int64_t group_outputs) {
  return order == Order::kChannelsLast ? group_outputs : block_of(order);
}

}  // namespace

std::int64_t block_of(Order order) {
  return order == Order::kBlocked8 ? 8 : order == Order::kBlocked16 ? 16 : 1;
}

Interleaving interleaving_of(const PhaseTensors& t) {
  const PhasePacking& p = t.parts.front().packing;
  const Steps fine(t.output, t.output_order);
  const std::int64_t lanes = lanes_of(t.phases_order, p.group_outputs);
  const bool is_fixed = (lanes == 1 || lanes == 8 || lanes == 16) && t.phases_order == fine.order;
  Interleaving g{.fine = {t.output[2], t.output[3], t.output[4]},
                 .stride = t.stride,
                 .phases = t.phases,
                 .offset = t.padding,
                 .coarse = {},
                 .samples = t.output[0],
                 .fine_sample = fine.sample,
                 .fine_step = fine.steps,
                 .lanes = lanes,
                 .fine_lanes = is_fixed ? lanes : 0,
                 .runs = {},
                 .applies_relu = t.applies_relu,
                 .relu_slope = t.relu_slope};
  for (const PhaseTensor& part : t.parts) {
    const Shape& shape = part.shape;
    const Steps coarse(shape, t.phases_order);
    for (std::int64_t phase = 0; phase < part.packing.phases(); ++phase)
      g.coarse.push_back({{shape[2], shape[3], shape[4]},
                          coarse.steps,
                          part.first + coarse.channel(phase * p.padded_outputs),
                          coarse.sample,
                          coarse.run});
  }
  const std::int64_t block = block_of(t.phases_order);
  for (std::int64_t group = 0; group < p.groups; ++group)
    for (std::int64_t first = 0; first < p.group_outputs; first += lanes) {
      const std::int64_t channel = group * p.group_outputs + first;
      g.runs.push_back({(group * p.phases() * p.padded_outputs + first) / block,
                        fine.channel(channel) + channel % fine.block, channel,
                        std::min(lanes, p.group_outputs - first)});
    }
  return g;
}

}  // namespace lucid
