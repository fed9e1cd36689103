#include "infer/predict/activation.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "tensor/parallel.h"

namespace lucid {
namespace {

// The channels of one voxel lie `stride` apart.
struct Channels {
  float* first;
  std::int64_t count, stride;
  float& operator[](std::int64_t channel) const { return first[channel * stride]; }
};

void softmax(const Channels& x) {
  float largest = x[0];
  for (std::int64_t c = 1; c < x.count; ++c) largest = std::max(largest, x[c]);
  double sum = 0;
  for (std::int64_t c = 0; c < x.count; ++c) sum += x[c] = std::exp(x[c] - largest);
  for (std::int64_t c = 0; c < x.count; ++c) x[c] = static_cast<float>(x[c] / sum);
}

// The first of equal ones; a NaN counts as the largest, as in PyTorch.
float argmax(const Channels& x) {
  std::int64_t best = 0;
  for (std::int64_t c = 1; c < x.count && !std::isnan(x[best]); ++c)
    if (x[c] > x[best] || std::isnan(x[c])) best = c;
  return static_cast<float>(best);
}

// Calls visit(index of the voxel in the batch, its channels).
template <class Visit>
void for_voxels(const Shape& shape, std::span<float> values, const Visit& visit) {
  const std::int64_t channels = shape[1], voxels = shape.elements() / shape[0] / channels;
  parallel_for(shape[0] * voxels, [&](std::int64_t i) {
    visit(i,
          Channels{values.data() + i / voxels * channels * voxels + i % voxels, channels, voxels});
  });
}

}  // namespace

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"none", "softmax", "sigmoid", "argmax"};
  return names;
}

Activation activation_named(const std::string& name) {
  const auto at = std::ranges::find(activation_names(), name);
  assert(at != activation_names().end());
  return static_cast<Activation>(at - activation_names().begin());
}

Shape activated_shape(Activation activation, const Shape& shape) {
  if (activation != Activation::kArgmax) return shape;
  std::vector<Shape::Extent> extents = shape.extents();
  extents.erase(extents.begin() + 1);
  return Shape(std::move(extents));
}

void apply_activation(Activation activation, const Shape& shape, std::span<float> values) {
  if (activation == Activation::kSigmoid)
    for (float& value : values) value = 1.F / (1.F + std::exp(-value));
  if (activation == Activation::kSoftmax)
    for_voxels(shape, values, [](std::int64_t, const Channels& x) { softmax(x); });
  if (activation != Activation::kArgmax) return;
  std::vector<float> classes(activated_shape(activation, shape).count());
  for_voxels(shape, values, [&](std::int64_t i, const Channels& x) {
    classes[static_cast<std::size_t>(i)] = argmax(x);
  });
  std::ranges::copy(classes, values.begin());
}

}  // namespace lucid
