#include "planning/rules/unet.h"

#include <algorithm>

namespace lucid {
namespace {

double product(const Triple& t) {
  return static_cast<double>(t[0]) * static_cast<double>(t[1]) * static_cast<double>(t[2]);
}

// Adds what convolutions cost.
class Sum {
 public:
  enum class Head { kCounted, kNotCounted };  // among the elements

  // A convolution from so many channels to others with an output of so many voxels.
  void convolution(std::int64_t from, std::int64_t to, const Triple& kernel, double voxels) {
    add(static_cast<double>(from), static_cast<double>(to), product(kernel), voxels);
    cost_.elements += static_cast<double>(to) * voxels;
    cost_.parameters += 2 * static_cast<double>(to);  // of its norm
  }

  // What is added to a residual block's output where its shape changes: the mean of each stride
  // and, where channels change, a 1x1x1 convolution without bias and its norm. nnU-Net counts one
  // output either way.
  void skip(std::int64_t from, std::int64_t to, double voxels) {
    const double in = static_cast<double>(from), out = static_cast<double>(to);
    cost_.elements += out * voxels;
    if (from == to) return;
    cost_.parameters += in * out + 2 * out;
    cost_.flops += 2 * in * out * voxels;
  }

  // Its kernel is its stride: each voxel of the output has one product a channel.
  void transposed(std::int64_t from, std::int64_t to, const Triple& stride, double voxels) {
    const double in = static_cast<double>(from), out = static_cast<double>(to);
    cost_.parameters += in * out * product(stride) + out;
    cost_.flops += 2 * in * out * voxels;
    cost_.elements += out * voxels;
  }

  void head(std::int64_t from, std::int64_t classes, double voxels, Head counted) {
    add(static_cast<double>(from), static_cast<double>(classes), 1, voxels);
    if (counted == Head::kCounted) cost_.elements += static_cast<double>(classes) * voxels;
  }

  UnetCost cost() const { return cost_; }

 private:
  void add(double from, double to, double kernel, double voxels) {
    cost_.parameters += from * to * kernel + to;
    cost_.flops += 2 * from * to * kernel * voxels;
  }

  UnetCost cost_;
};

void add_plain_encoder(const Unet& unet, Sum& sum) {
  std::int64_t from = unet.channels;
  for (std::size_t stage = 0; stage < unet.stages(); ++stage) {
    const double voxels = product(stage_extents(unet, stage));
    for (std::int64_t i = 0; i < unet.convolutions; ++i) {
      sum.convolution(from, unet.features[stage], unet.topology.kernels[stage], voxels);
      from = unet.features[stage];
    }
  }
}

void add_residual_encoder(const Unet& unet, Sum& sum) {
  const std::vector<Triple>& kernels = unet.topology.kernels;
  std::int64_t from = unet.features.front();
  sum.convolution(unet.channels, from, kernels.front(), product(stage_extents(unet, 0)));
  for (std::size_t stage = 0; stage < unet.stages(); ++stage) {
    const double voxels = product(stage_extents(unet, stage));
    const std::int64_t features = unet.features[stage];
    for (std::int64_t i = 0; i < unet.blocks[stage]; ++i) {
      sum.convolution(from, features, kernels[stage], voxels);
      sum.convolution(features, features, kernels[stage], voxels);
      if (stage > 0 && i == 0) sum.skip(from, features, voxels);
      from = features;
    }
  }
}

void add_decoder(const Unet& unet, Sum& sum) {
  const Topology& topology = unet.topology;
  for (std::size_t stage = unet.stages() - 1; stage-- > 0;) {
    const double voxels = product(stage_extents(unet, stage));
    const std::int64_t features = unet.features[stage];
    sum.transposed(unet.features[stage + 1], features, topology.strides[stage + 1], voxels);
    for (std::int64_t i = 0; i < unet.convolutions; ++i)
      sum.convolution(i == 0 ? 2 * features : features, features, topology.kernels[stage], voxels);
    sum.head(features, unet.classes, voxels,
             stage == 0 ? Sum::Head::kCounted : Sum::Head::kNotCounted);
  }
}

}  // namespace

std::vector<std::int64_t> doubled_features(std::size_t stages, std::int64_t first,
                                           std::int64_t most) {
  std::vector<std::int64_t> features;
  for (std::int64_t count = first; features.size() < stages; count = std::min(2 * count, most))
    features.push_back(std::min(count, most));
  return features;
}

std::vector<std::int64_t> residual_blocks(std::size_t stages) {
  std::vector<std::int64_t> blocks{1, 3, 4};
  blocks.resize(stages, 6);
  return blocks;
}

Triple stage_extents(const Unet& unet, std::size_t stage) {
  Triple extents = unet.topology.patch;
  for (std::size_t s = 1; s <= stage; ++s)
    for (std::size_t axis = 0; axis < 3; ++axis) extents[axis] /= unet.topology.strides[s][axis];
  return extents;
}

UnetCost unet_cost(const Unet& unet) {
  Sum sum;
  if (unet.is_residual())
    add_residual_encoder(unet, sum);
  else
    add_plain_encoder(unet, sum);
  add_decoder(unet, sum);
  return sum.cost();
}

}  // namespace lucid
