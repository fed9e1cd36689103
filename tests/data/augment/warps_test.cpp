#include <doctest/doctest.h>

#include <cmath>

#include "data/augment/augmented.h"
#include "support/approx.h"
#include "support/golden.h"

namespace lucid {
namespace {

using test::approx;
using test::augmented;
using test::counting_sample;
using test::smooth_sample;

// Neither rotates nor scales unless the keys say so.
std::string affine(std::string keys) {
  if (keys.find("degrees") == std::string::npos) keys += R"(, "degrees": 0)";
  if (keys.find("scales") == std::string::npos) keys += R"(, "scales": [1, 1])";
  return R"({"type": "RandomAffine")" + keys + "}";
}

std::string elastic(const std::string& keys) {
  return R"({"type": "RandomElasticDeformation")" + keys + "}";
}

// Returns the largest difference of two volumes at least `margin` voxels away from the edges.
float interior_difference(const Grid& a, const Grid& b, std::int64_t margin) {
  float largest = 0;
  const Triple& size = a.extents;
  for (std::int64_t d = margin; d < size[0] - margin; ++d)
    for (std::int64_t h = margin; h < size[1] - margin; ++h)
      for (std::int64_t w = margin; w < size[2] - margin; ++w) {
        const auto at = static_cast<std::size_t>((d * size[1] + h) * size[2] + w);
        largest = std::max(largest, std::abs(a.values[at] - b.values[at]));
      }
  return largest;
}

// Evaluates the cubic B-spline by Cox and de Boor's recursion over the knots 0, 1, 2, ...
double spline(int order, double x) {
  if (order == 0) return x >= 0 && x < 1 ? 1 : 0;
  return (x * spline(order - 1, x) + (order + 1 - x) * spline(order - 1, x - 1)) / order;
}

}  // namespace

// The reference is in double: positions differ by 1e-6 of a voxel, values by that times their range
// of 5.
TEST_CASE("RandomAffine is PyTorch's affine_grid and grid_sample with align_corners") {
  const Json golden = test::read_golden("augmentation.json");
  const AugmentedSample sample =
      test::sample_of({4, 5, 6}, test::floats(golden["volume"]), test::floats(golden["labels"]));
  for (const Json& row : golden["affine"]) {
    CAPTURE(row["name"].get<std::string>());
    const AugmentedSample moved = augmented(row["augmentation"].dump(), sample);
    CHECK(moved.volume.values == approx(test::doubles(row["volume"])).within(0, 5e-6));
    CHECK(moved.labels.values == test::floats(row["labels"]));
  }
}

TEST_CASE("warps of nothing change no bit") {
  for (const std::string& list :
       {"[" + affine("") + "]", "[" + affine(R"(, "fill": 7)") + "]",
        "[" + elastic(R"(, "max_displacement": 0)") + "]",
        "[" + affine("") + "," + elastic(R"(, "max_displacement": 0)") + "]"}) {
    CAPTURE(list);
    AugmentedSample sample = counting_sample({4, 5, 6});
    for (float& x : sample.volume.values) x *= 0.37F;
    const AugmentedSample same = augmented(list, sample);
    CHECK(same.volume.values == sample.volume.values);
    CHECK(same.labels.values == sample.labels.values);
  }
}

TEST_CASE("a quarter turn by RandomAffine is one by rotate90") {
  const std::size_t planes[3][2] = {{1, 2}, {0, 2}, {0, 1}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    CAPTURE(axis);
    std::string degrees = R"(, "degrees": [)";
    for (std::size_t i = 0; i < 3; ++i)
      degrees += std::string(i == 0 ? "" : ", ") + (i == axis ? "90, 90" : "0, 0");
    AugmentedSample turned = counting_sample({5, 5, 5});
    rotate90(turned.volume, planes[axis][0], planes[axis][1], 1);
    rotate90(turned.labels, planes[axis][0], planes[axis][1], 1);
    const AugmentedSample warped =
        augmented("[" + affine(degrees + "]") + "]", counting_sample({5, 5, 5}));
    CHECK(warped.volume.values == approx(turned.volume.values).within(0, 1e-3));
    CHECK(warped.labels.values == turned.labels.values);
  }
}

TEST_CASE("a rotation and its inverse in a row change nothing, being one resampling") {
  const std::string there = affine(R"(, "degrees": [20, 20, 0, 0, 0, 0])"),
                    back = affine(R"(, "degrees": [-20, -20, 0, 0, 0, 0])");
  const AugmentedSample sample = counting_sample({4, 9, 8});
  const AugmentedSample same = augmented("[" + there + "," + back + "]", sample);
  CHECK(same.volume.values == approx(sample.volume.values).within(0, 1e-3));
  CHECK(same.labels.values == sample.labels.values);
  // A flip in between makes values be interpolated twice, and what left the volume is lost.
  const AugmentedSample other =
      augmented("[" + there + R"(,{"type": "RandomFlip", "p": 0},)" + back + "]", sample);
  CHECK_FALSE(other.volume.values == approx(sample.volume.values).within(0, 1e-3));
  CHECK(interior_difference(
            augmented("[" + there + R"(,{"type": "RandomFlip", "p": 0},)" + back + "]",
                      smooth_sample({9, 13, 13}))
                .volume,
            smooth_sample({9, 13, 13}).volume, 3) < 1e-4F);
}

TEST_CASE("warps with different fills are done one after the other") {
  const AugmentedSample both =
      augmented("[" + affine(R"(, "translation": [0, 0, 0, 0, 2, 2], "fill": 5)") + "," +
                    affine(R"(, "translation": [0, 0, 0, 0, -1, -1], "fill": 6)") + "]",
                test::sample_of({1, 1, 4}, {1, 2, 3, 4}));
  CHECK(both.volume.values == std::vector<float>{5, 1, 2, 6});
}

TEST_CASE("labels stay where the volume is") {
  AugmentedSample sample = smooth_sample({12, 16, 14});
  sample.labels.interpolation = Interpolation::kLinear;
  const std::string list =
      R"([{"type": "RandomAffine", "degrees": 25, "shear": 0.1, "translation": 2},
      {"type": "RandomElasticDeformation", "max_displacement": [0.8, 0.9, 1]}, {"type": "RandomFlip"},
      {"type": "RandomRotate90", "planes": "dh"}, {"type": "RandomCrop", "size": [8, 8, 9]}])";
  sample = augmented(R"([{"type": "RandomCrop", "size": [12, 12, 14]}])", sample);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const AugmentedSample linear = augmented(list, sample, seed);
    CHECK(linear.volume.values == linear.labels.values);
    AugmentedSample classes = sample;
    classes.labels.interpolation = Interpolation::kNearest;
    classes = augmented(list, classes, seed);
    // The nearest voxel is at most half a voxel away along each axis; values grow by 0.3, 0.2 and
    // 0.1 per voxel.
    CHECK(classes.labels.values == approx(classes.volume.values).within(0, 0.3001));
  }
}

TEST_CASE("RandomElasticDeformation is the B-spline of its control points") {
  const Triple counts{5, 4, 7}, extents{6, 7, 9};
  Displacement displacement;
  displacement.reset(counts);
  Rng rng(1, "points");
  for (float& x : displacement.points()) x = rng.uniform(-1, 1);
  const Triple origin{1, 2, 3}, size{4, 5, 6};
  displacement.prepare(extents, origin, size);
  for (std::int64_t d = 0; d < size[0]; ++d) {
    displacement.choose_slab(d);
    for (std::int64_t h = 0; h < size[1]; ++h) {
      const float* row = displacement.row(h);
      std::vector<double> expected;
      for (std::size_t axis = 0; axis < 3; ++axis)
        for (std::int64_t w = 0; w < size[2]; ++w) {
          const Triple at{origin[0] + d, origin[1] + h, origin[2] + w};
          double sum = 0;
          for (std::int64_t i = 0; i < counts[0]; ++i)
            for (std::int64_t j = 0; j < counts[1]; ++j)
              for (std::int64_t k = 0; k < counts[2]; ++k) {
                const Triple point{i, j, k};
                double weight = 1;
                for (std::size_t a = 0; a < 3; ++a)
                  weight *= spline(
                      3, static_cast<double>(at[a]) / control_spacing(counts[a], extents[a]) + 3 -
                             static_cast<double>(point[a]));
                const auto index = static_cast<std::size_t>(
                    ((static_cast<std::int64_t>(axis) * counts[0] + i) * counts[1] + j) *
                        counts[2] +
                    k);
                sum += weight * static_cast<double>(displacement.points()[index]);
              }
          expected.push_back(sum);
        }
      CHECK(std::vector<float>(row, row + 3 * size[2]) == approx(expected).within(0, 1e-6));
    }
  }
}

TEST_CASE("an elastic deformation is bounded, reproducible and does not fold") {
  const Triple extents{20, 24, 22};
  AugmentedSample place = smooth_sample(extents);
  for (std::size_t i = 0; i < place.volume.values.size(); ++i)
    place.volume.values[i] = static_cast<float>(i % 22);  // along w
  const std::string list =
      "[" + elastic(R"(, "max_displacement": [1.5, 1.8, 2], "num_control_points": [7, 8, 7])") +
      "]";
  bool moves = false;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const AugmentedSample moved = augmented(list, place, seed);
    CHECK(moved.volume.values == augmented(list, place, seed).volume.values);
    CHECK_FALSE(moved.volume.values == augmented(list, place, seed + 100).volume.values);
    for (std::size_t i = 0; i < moved.volume.values.size(); ++i) {
      const float shift = moved.volume.values[i] - place.volume.values[i];
      REQUIRE(std::abs(shift) <= 2.0001F);
      moves = moves || std::abs(shift) > 0.5F;
      if (i % 22 > 2 && i % 22 < 20) REQUIRE(moved.volume.values[i] >= moved.volume.values[i - 1]);
    }
  }
  CHECK(moves);
}

TEST_CASE("a crop behind a warp is a part of the whole warp") {
  const std::string warps =
      R"([{"type": "RandomAffine"},)" + elastic(R"(, "max_displacement": 0.9)");
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const AugmentedSample whole = augmented(warps + "]", counting_sample({9, 10, 11}), seed);
    const AugmentedSample part = augmented(warps + R"(,{"type": "RandomCrop", "size": [4, 5, 6]}])",
                                           counting_sample({9, 10, 11}), seed);
    CHECK(part.volume.extents == Triple{4, 5, 6});
    CHECK(part.labels.extents == Triple{4, 5, 6});
    int found = 0;
    for (std::int64_t i = 0; i < 6 * 6 * 6; ++i) {
      AugmentedSample other = whole;
      crop(other.volume, {i / 36, i / 6 % 6, i % 6}, {4, 5, 6}, std::nullopt);
      crop(other.labels, {i / 36, i / 6 % 6, i % 6}, {4, 5, 6}, std::nullopt);
      found += other.volume.values == approx(part.volume.values).within(0, 1e-2) &&
               other.labels.values == part.labels.values;
    }
    CHECK(found == 1);
  }
}

TEST_CASE("isotropic scales all axes alike") {
  const auto scaled = [](const std::string& isotropic) {
    return augmented(
               "[" + affine(R"(, "scales": [2, 2, 1, 1, 1, 1], "isotropic": )" + isotropic) + "]",
               counting_sample({5, 5, 5}))
        .volume.values;
  };
  CHECK(scaled("true") ==
        augmented("[" + affine(R"(, "scales": [2, 2])") + "]", counting_sample({5, 5, 5}))
            .volume.values);
  CHECK_FALSE(scaled("false") == scaled("true"));
}

}  // namespace lucid
