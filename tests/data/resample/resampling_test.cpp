#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "data/resample/cut_box.h"
#include "data/resample/interpolate.h"
#include "data/resample/volume_resampling.h"
#include "support/golden.h"

namespace lucid::test {
namespace {

// The numbers of tests/golden/make_resampling.py.
std::vector<float> made_volume(const Triple& extents) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < extents[0] * extents[1] * extents[2]; ++i)
    values.push_back(static_cast<float>(
        static_cast<double>(static_cast<std::uint32_t>(i) * 2654435761U) / 0x1p32));
  return values;
}

std::vector<float> made_labels(const Triple& extents) {
  std::vector<float> values;
  for (std::int64_t d = 0; d < extents[0]; ++d)
    for (std::int64_t h = 0; h < extents[1]; ++h)
      for (std::int64_t w = 0; w < extents[2]; ++w)
        values.push_back(static_cast<float>((d / 2 * 7 + h / 3 * 5 + w / 2 * 3) % 4));
  return values;
}

Box whole(const Triple& extents) { return {{0, 0, 0}, extents}; }

using Interpolate = void (*)(const std::array<VoxelTaps, 3>&, const Box&, std::span<const float>,
                             const Box&, std::span<float>);

std::vector<float> interpolated(Interpolate interpolate, const std::array<VoxelTaps, 3>& taps,
                                std::span<const float> values, const Triple& from,
                                const Triple& to) {
  std::vector<float> out(static_cast<std::size_t>(to[0] * to[1] * to[2]));
  interpolate(taps, whole(from), values, whole(to), out);
  return out;
}

double largest_difference(std::span<const float> found, const Json& at, const Json& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < at.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(found[at[i].get<std::size_t>()]) -
                                         expected[i].get<double>()));
  return largest;
}

VolumeResampling resampling_of(const Json& one) {
  return {whole(one["extents"].get<Triple>()), one["voxel_size"].get<VoxelSize>(),
          one["target"].get<VoxelSize>()};
}

}  // namespace

TEST_CASE("resampled volumes are those of SciPy") {
  const Json cases = read_golden("resampling.json");
  REQUIRE(cases.size() == 50);
  for (const Json& one : cases) {
    CAPTURE(one.dump());
    const VolumeResampling resampling = resampling_of(one);
    const Triple from = resampling.region().size, to = resampling.extents();
    REQUIRE(to == one["resampled"].get<Triple>());
    const std::vector<float> values = made_volume(from);
    const auto cubic = interpolated(interpolate_values, resampling.values(), values, from, to);
    CHECK(largest_difference(cubic, one["cubic_at"], one["cubic"]) < 2e-6);
    // Linear, by the way back of a volume whose voxel sizes are exchanged.
    const std::optional<std::size_t> coarse =
        coarse_axis(one["voxel_size"].get<VoxelSize>(), one["target"].get<VoxelSize>());
    const auto linear_taps = [&](std::size_t axis) {
      return VoxelTaps(from[axis], to[axis],
                       axis == coarse ? SplineOrder::kNearest : SplineOrder::kLinear);
    };
    const auto linear = interpolated(
        interpolate_values, {linear_taps(0), linear_taps(1), linear_taps(2)}, values, from, to);
    CHECK(largest_difference(linear, one["linear_at"], one["linear"]) < 1e-6);
    const auto labels =
        interpolated(interpolate_labels, resampling.labels(), made_labels(from), from, to);
    CHECK(largest_difference(labels, one["labels_at"], one["labels"]) == 0);
  }
}

TEST_CASE("any part of a resampled volume has the bits of the whole") {
  Rng rng(5, "parts");
  for (const Json& one : read_golden("resampling.json")) {
    const VolumeResampling resampling = resampling_of(one);
    const Triple from = resampling.region().size, to = resampling.extents();
    const std::vector<float> values = made_volume(from), labels = made_labels(from);
    const auto all = interpolated(interpolate_values, resampling.values(), values, from, to);
    const auto all_labels = interpolated(interpolate_labels, resampling.labels(), labels, from, to);
    Box part;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      part.begin[axis] = static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(to[axis])));
      part.size[axis] = 1 + static_cast<std::int64_t>(
                                rng.below(static_cast<std::uint64_t>(to[axis] - part.begin[axis])));
    }
    std::vector<float> found(static_cast<std::size_t>(part.voxels()));
    const Box of = resampling.stored_values(part), of_labels = resampling.stored_labels(part);
    interpolate_values(resampling.values(), of, cut(values, from, of), part, found);
    CHECK(found == cut(all, to, part));
    interpolate_labels(resampling.labels(), of_labels, cut(labels, from, of_labels), part, found);
    CHECK(found == cut(all_labels, to, part));
  }
}

TEST_CASE("a volume of the wanted voxel size stays as it is") {
  const Triple extents{4, 6, 5};
  const VolumeResampling resampling(Box{{1, 2, 3}, extents}, {1, 2, 3}, {1, 2, 3});
  CHECK(resampling.extents() == extents);
  CHECK(resampling.values()[0].is_copy());
  const std::vector<float> values = made_volume(extents);
  CHECK(interpolated(interpolate_values, resampling.values(), values, extents, extents) == values);
  const Box part{{1, 0, 2}, {2, 3, 2}};
  CHECK(resampling.stored_values(part) == Box{{2, 2, 5}, {2, 3, 2}});
}

TEST_CASE("values that vary linearly stay linear inside") {
  const VoxelTaps taps(40, 100, SplineOrder::kCubic);
  for (std::int64_t at = 40; at < 60; ++at) {
    double sum = 0;
    for (std::int64_t k = taps.first(at); k < taps.last_end(at); ++k)
      sum += static_cast<double>(taps.weights(at)[static_cast<std::size_t>(k - taps.first(at))]) *
             static_cast<double>(k);
    CHECK(sum == doctest::Approx((static_cast<double>(at) + 0.5) * 0.4 - 0.5).epsilon(1e-6));
  }
}

TEST_CASE("planes are interpolated one by one along an axis that is much coarser") {
  CHECK(coarse_axis({5, 1, 1}, {1, 1, 1}) == 0U);
  CHECK(coarse_axis({1, 1, 1}, {1, 1, 5}) == 2U);
  CHECK(coarse_axis({1, 4, 1}, {5, 1, 1}) == 1U);
  CHECK(!coarse_axis({3, 1, 1}, {1, 1, 1}));
  CHECK(!coarse_axis({5, 5, 1}, {1, 1, 1}));
}

}  // namespace lucid::test
