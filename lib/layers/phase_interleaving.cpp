#include "layers/phase_interleaving.h"

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
  }

  std::int64_t channel(std::int64_t c) const {
    return order == Order::kChannelsLast ? c : c / block * block * voxels + c % block;
  }

  Order order;
  std::int64_t block, voxels, sample;
  Interleaving::Extents steps;
};

// How many channels of a group are copied at a time.
std::int64_t lanes_of(Order order, std::int64_t group_outputs) {
  if (order != Order::kChannelsLast) return block_of(order);
  return group_outputs % 16 == 0 ? 16 : group_outputs % 8 == 0 ? 8 : group_outputs;
}

}  // namespace

std::int64_t block_of(Order order) {
  return order == Order::kBlocked8 ? 8 : order == Order::kBlocked16 ? 16 : 1;
}

Interleaving interleaving_of(const PhaseTensors& t) {
  const PhasePacking& p = t.packing;
  const Shape& phases = t.phases;
  const Steps coarse(phases, t.phases_order), fine(t.output, t.output_order);
  const std::int64_t lanes = lanes_of(t.phases_order, p.group_outputs);
  const bool is_fixed = (lanes == 1 || lanes == 8 || lanes == 16) && coarse.order == fine.order;
  Interleaving g{.coarse = {phases[2], phases[3], phases[4]},
                 .fine = {t.output[2], t.output[3], t.output[4]},
                 .stride = t.stride,
                 .phases = {p.axes[0].phases, p.axes[1].phases, p.axes[2].phases},
                 .offset = t.padding,
                 .samples = phases[0],
                 .coarse_sample = coarse.sample,
                 .fine_sample = fine.sample,
                 .phase_stride = coarse.channel(p.padded_outputs),
                 .coarse_step = coarse.steps,
                 .fine_step = fine.steps,
                 .lanes = lanes,
                 .fine_lanes = is_fixed ? lanes : 0,
                 .runs = {},
                 .applies_relu = t.applies_relu,
                 .relu_slope = t.relu_slope};
  for (std::int64_t group = 0; group < p.groups; ++group)
    for (std::int64_t first = 0; first < p.group_outputs; first += lanes) {
      const std::int64_t channel = group * p.group_outputs + first;
      g.runs.push_back({coarse.channel(group * p.phases() * p.padded_outputs + first),
                        fine.channel(channel), channel, std::min(lanes, p.group_outputs - first)});
    }
  return g;
}

}  // namespace lucid
