#pragma once

#include <vector>

#include "kernels/layout/panels.h"

namespace lucid::test {

// The four orders of one tensor, as kernels over channels see them.
inline std::vector<Panels> panels_in_every_order(const Panels& shape) {
  std::vector<Panels> orders;
  for (const std::int64_t width : {std::int64_t{1}, std::int64_t{8}, std::int64_t{16}}) {
    orders.push_back(shape);
    orders.back().width = orders.back().step = width;
  }
  orders.push_back(shape);
  orders.back().width = std::min(shape.channels, Panels::kWidest);
  orders.back().step = shape.channels;
  return orders;
}

inline std::size_t storage_count(const Panels& p) {
  const std::int64_t lanes = p.is_dense() ? p.per_sample() * p.width : p.channels;
  return static_cast<std::size_t>(p.samples * p.voxels * lanes);
}

// Returns the index of value (sample, channel, voxel).
inline std::size_t place_in(const Panels& p, std::int64_t sample, std::int64_t channel,
                            std::int64_t voxel) {
  return static_cast<std::size_t>(p.offset(sample, channel / p.width) + voxel * p.step +
                                  channel % p.width);
}

// Stores (N, C, voxels) of plain order, with zeros in the padding. plain_order() does the reverse.
inline std::vector<float> placed(const Panels& p, const std::vector<float>& plain) {
  std::vector<float> storage(storage_count(p));
  std::size_t i = 0;
  for (std::int64_t n = 0; n < p.samples; ++n)
    for (std::int64_t c = 0; c < p.channels; ++c)
      for (std::int64_t v = 0; v < p.voxels; ++v) storage[place_in(p, n, c, v)] = plain[i++];
  return storage;
}

inline std::vector<float> plain_order(const Panels& p, const std::vector<float>& storage) {
  std::vector<float> plain;
  for (std::int64_t n = 0; n < p.samples; ++n)
    for (std::int64_t c = 0; c < p.channels; ++c)
      for (std::int64_t v = 0; v < p.voxels; ++v) plain.push_back(storage[place_in(p, n, c, v)]);
  return plain;
}

}  // namespace lucid::test
