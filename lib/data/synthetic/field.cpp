#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/synthetic/parts.h"

namespace lucid {
namespace {

struct Wave {
  Point turns;  // radians per voxel along each axis
  double phase;
};

std::vector<Wave> random_waves(double cycles, const Triple& size, Rng& rng) {
  std::vector<Wave> waves(8);
  for (Wave& wave : waves) {
    Point direction{rng.normal(), rng.normal(), rng.normal()};
    const double norm = std::max(length(direction[0], length(direction[1], direction[2])), 1e-6);
    for (std::size_t axis = 0; axis < 3; ++axis)
      wave.turns[axis] = 2 * std::numbers::pi * cycles * direction[axis] / norm /
                         static_cast<double>(std::min({size[0], size[1], size[2]}));
    wave.phase = between(rng, 0, 2 * std::numbers::pi);
  }
  return waves;
}

// The amplitude grows linearly over the channels; in the last it is `growth` times that of the
// first.
std::array<float, 4> draw_field(const SyntheticOptions& options, Rng& rng,
                                std::span<float> voxels) {
  const double offset = rng.uniform(), amplitude = rng.uniform(), frequency = rng.uniform();
  const std::vector<Wave> waves = random_waves(1 + 3 * frequency, options.size, rng);
  const double scale = (0.2 + 0.8 * amplitude) / std::sqrt(static_cast<double>(waves.size()) / 2);
  const double growth = options.channels > 1 ? rng.uniform() : 0;
  const std::size_t count = voxel_count(options.size);
  for_each_voxel(options.size, [&](std::size_t i, double z, double y, double x) {
    double sum = 0;
    for (const Wave& wave : waves)
      sum += std::cos(wave.turns[0] * z + wave.turns[1] * y + wave.turns[2] * x + wave.phase);
    for (std::int64_t c = 0; c < options.channels; ++c) {
      const double time =
          c == 0 ? 0 : static_cast<double>(c) / static_cast<double>(options.channels - 1);
      const double noise = options.noise > 0 ? options.noise * rng.normal() : 0;
      voxels[static_cast<std::size_t>(c) * count + i] =
          static_cast<float>(2 * offset - 1 + scale * (1 + growth * time) * sum + noise);
    }
  });
  return {static_cast<float>(offset), static_cast<float>(amplitude), static_cast<float>(frequency),
          static_cast<float>(growth)};
}

}  // namespace

void make_field(hdf5::Writer& file, const SyntheticOptions& options) {
  const std::int64_t value_count = options.channels > 1 ? 4 : 3;
  const Triple& size = options.size;
  create_volumes(file, "volumes", ElementType::kFloat32,
                 Shape{options.count, options.channels, size[0], size[1], size[2]}, options);
  file.create("values", ElementType::kFloat32, Shape{options.count, value_count});
  file.set_attribute(
      "values", "names",
      std::string("offset, amplitude, frequency") + (value_count > 3 ? ", growth" : ""));
  std::vector<float> voxels(static_cast<std::size_t>(options.channels) * voxel_count(size));
  for (std::int64_t sample = 0; sample < options.count; ++sample) {
    Rng rng = sample_rng("field", sample, options);
    const std::array<float, 4> values = draw_field(options, rng, voxels);
    file.write_rows<float>("volumes", sample, voxels);
    file.write_rows<float>("values", sample,
                           std::span(values).first(static_cast<std::size_t>(value_count)));
  }
}

}  // namespace lucid
