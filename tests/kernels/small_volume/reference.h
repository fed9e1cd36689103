#pragma once

#include <cmath>
#include <vector>

#include "base/rng.h"
#include "kernels/small_volume/geometry.h"

// The products of a convolution by its definition, on blocked tensors with random numbers.
namespace lucid::small_volume {

inline std::int64_t floats(const Geometry& g, const Tensor& tensor) {
  return g.samples * tensor.blocks(g.lanes) * tensor.voxels() * g.lanes;
}
inline std::int64_t index(const Geometry& g, const Tensor& t, std::int64_t sample,
                          std::int64_t channel, std::int64_t voxel) {
  return ((sample * t.blocks(g.lanes) + channel / g.lanes) * t.voxels() + voxel) * g.lanes +
         channel % g.lanes;
}
inline std::int64_t weight_floats(const Geometry& g) {
  return g.x.blocks(g.lanes) * g.y.blocks(g.lanes) * g.block_floats();
}

// Blocked tensors with random numbers. Channels that there are not are no numbers in tensors, and 0
// in weights, as oneDNN has them.
struct Tensors {
  std::vector<float> x, y, weight, bias;
};

inline std::vector<float> drawn(const Geometry& g, const Tensor& tensor, Rng& rng) {
  std::vector<float> values(static_cast<std::size_t>(floats(g, tensor)), NAN);
  for (std::int64_t sample = 0; sample < g.samples; ++sample)
    for (std::int64_t channel = 0; channel < tensor.channels; ++channel)
      for (std::int64_t voxel = 0; voxel < tensor.voxels(); ++voxel)
        values[static_cast<std::size_t>(index(g, tensor, sample, channel, voxel))] =
            rng.uniform(-1, 1);
  return values;
}

inline std::int64_t weight_index(const Geometry& g, std::int64_t output, std::int64_t input,
                                 std::int64_t tap) {
  const std::int64_t block = output / g.lanes * g.x.blocks(g.lanes) + input / g.lanes;
  return ((block * g.taps() + tap) * g.lanes + input % g.lanes) * g.lanes + output % g.lanes;
}

inline Tensors drawn(const Geometry& g) {
  Rng rng(7, 0);
  Tensors t{drawn(g, g.x, rng), drawn(g, g.y, rng), {}, {}};
  t.weight.resize(static_cast<std::size_t>(weight_floats(g)));
  for (std::int64_t output = 0; output < g.y.channels; ++output)
    for (std::int64_t input = 0; input < g.x.channels; ++input)
      for (std::int64_t tap = 0; tap < g.taps(); ++tap)
        t.weight[static_cast<std::size_t>(weight_index(g, output, input, tap))] =
            rng.uniform(-1, 1);
  t.bias.resize(static_cast<std::size_t>(g.y.blocks(g.lanes) * g.lanes));
  for (float& value : t.bias) value = rng.uniform(-1, 1);
  return t;
}

// Calls body(input voxel, output voxel, tap) for every product with a voxel inside.
template <class Body>
void for_pairs(const Geometry& g, const Body& body) {
  const auto at = [](const Triple& extents, std::int64_t i) {
    return Triple{i / extents[2] / extents[1], i / extents[2] % extents[1], i % extents[2]};
  };
  for (std::int64_t voxel = 0; voxel < g.y.voxels(); ++voxel)
    for (std::int64_t tap = 0; tap < g.taps(); ++tap) {
      const Triple y = at(g.y.volume, voxel), k = at(g.kernel, tap);
      Triple x{};
      bool is_inside = true;
      for (std::size_t i = 0; i < 3; ++i) {
        x[i] = y[i] * g.stride[i] + k[i] - g.padding[i];
        is_inside = is_inside && x[i] >= 0 && x[i] < g.x.volume[i];
      }
      if (is_inside) body((x[0] * g.x.volume[1] + x[1]) * g.x.volume[2] + x[2], voxel, tap);
    }
}

// Calls body(x's index, y's index, weight's index) for every product.
template <class Body>
void for_products(const Geometry& g, const Body& body) {
  for_pairs(g, [&](std::int64_t from, std::int64_t voxel, std::int64_t tap) {
    for (std::int64_t sample = 0; sample < g.samples; ++sample)
      for (std::int64_t output = 0; output < g.y.channels; ++output)
        for (std::int64_t input = 0; input < g.x.channels; ++input)
          body(static_cast<std::size_t>(index(g, g.x, sample, input, from)),
               static_cast<std::size_t>(index(g, g.y, sample, output, voxel)),
               static_cast<std::size_t>(weight_index(g, output, input, tap)));
  });
}

}  // namespace lucid::small_volume
