#include "support/reference_norm.h"

#include <cmath>

namespace lucid::test {
namespace {

struct Place {
  std::size_t sample, channel, voxel;
};

std::size_t voxels_of(const Shape& shape) {
  return shape.count() / static_cast<std::size_t>(shape[0] * shape[1]);
}

Place place_of(const Shape& shape, std::size_t i) {
  const std::size_t voxels = voxels_of(shape), channels = static_cast<std::size_t>(shape[1]);
  return {i / voxels / channels, i / voxels % channels, i % voxels};
}

std::size_t set_of(const Shape& shape, const SharedStatistics& shared, std::size_t i) {
  const Place at = place_of(shape, i);
  const std::size_t sets_of_sample = static_cast<std::size_t>(shape[1]) / shared.channels;
  return at.sample / shared.samples * sets_of_sample + at.channel / shared.channels;
}

// Returns the sum of value(i) over each set.
template <class Value>
std::vector<double> sums(const Shape& shape, const SharedStatistics& shared, const Value& value) {
  std::vector<double> total(static_cast<std::size_t>(shape[0] * shape[1]) /
                            (shared.samples * shared.channels));
  for (std::size_t i = 0; i < shape.count(); ++i) total[set_of(shape, shared, i)] += value(i);
  return total;
}

std::uint64_t mixed(std::uint64_t z) {  // SplitMix64
  z += 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t name_hash(const std::string& name) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::uint32_t voxel_hash(std::uint32_t voxel, std::uint64_t word) {
  std::uint32_t h = voxel + static_cast<std::uint32_t>(word);
  h = (h ^ (h >> 16)) * 0x7feb352dU;
  h = (h ^ (h >> 15) ^ static_cast<std::uint32_t>(word >> 32)) * 0x846ca68bU;
  return h ^ (h >> 16);
}

}  // namespace

Moments moments(const Array& x, const SharedStatistics& shared) {
  Moments m;
  m.count = static_cast<double>(shared.samples * shared.channels * voxels_of(x.shape));
  m.mean = sums(x.shape, shared, [&](std::size_t i) { return x.values[i] / m.count; });
  m.variance = sums(x.shape, shared, [&](std::size_t i) {
    const double deviation = x.values[i] - m.mean[set_of(x.shape, shared, i)];
    return deviation * deviation / m.count;
  });
  return m;
}

Array normalized(const Array& x, const SharedStatistics& shared, const Moments& m, double eps) {
  Array y(x.shape);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const std::size_t set = set_of(x.shape, shared, i);
    y.values[i] = (x.values[i] - m.mean[set]) / std::sqrt(m.variance[set] + eps);
  }
  return y;
}

Array normalized_gradient(const Array& x, const SharedStatistics& shared, const Moments& m,
                          double eps, const Array& dy) {
  const Array y = normalized(x, shared, m, eps);
  const auto mean = sums(x.shape, shared, [&](std::size_t i) { return dy.values[i] / m.count; });
  const auto slope =
      sums(x.shape, shared, [&](std::size_t i) { return dy.values[i] * y.values[i] / m.count; });
  Array dx(x.shape);
  for (std::size_t i = 0; i < dx.values.size(); ++i) {
    const std::size_t set = set_of(x.shape, shared, i);
    dx.values[i] =
        (dy.values[i] - mean[set] - y.values[i] * slope[set]) / std::sqrt(m.variance[set] + eps);
  }
  return dx;
}

Array channel_affine(const Array& x, const Array& weight, const Array& bias) {
  Array y(x.shape);
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    const std::size_t c = place_of(x.shape, i).channel;
    y.values[i] = x.values[i] * weight.values[c] + (bias.values.empty() ? 0 : bias.values[c]);
  }
  return y;
}

Array dropout_factors(const Shape& shape, Dropped what, double p, std::uint64_t seed,
                      std::uint64_t draw, const std::string& layer) {
  const std::uint64_t key = mixed(mixed(mixed(seed) ^ draw) ^ name_hash(layer));
  Array factors(shape);
  for (std::size_t i = 0; i < factors.values.size(); ++i) {
    const Place at = place_of(shape, i);
    const std::uint64_t channel = at.sample * static_cast<std::size_t>(shape[1]) + at.channel;
    const std::uint64_t word = mixed(key ^ mixed(channel));
    const std::uint32_t number = what == Dropped::kChannels
                                     ? static_cast<std::uint32_t>(word)
                                     : voxel_hash(static_cast<std::uint32_t>(at.voxel), word);
    factors.values[i] = p == 1 || number < std::round(p * 0x1p32) ? 0 : 1 / (1 - p);
  }
  return factors;
}

Array product(const Array& a, const Array& b) {
  Array y = a;
  for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] *= b.values[i];
  return y;
}

}  // namespace lucid::test
