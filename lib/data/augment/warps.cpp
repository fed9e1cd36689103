// RandomAffine and RandomElasticDeformation interpolate between voxels.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "data/augment/reader.h"
#include "data/augment/transform.h"

namespace lucid {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

constexpr Matrix kIdentity{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 3; ++k) result[i][j] += a[i][k] * b[k][j];
  return result;
}

// Rotates around one axis, from the first of the two others towards the second.
Matrix rotation(std::size_t axis, double degrees) {
  const double angle = degrees * std::numbers::pi / 180;
  const std::size_t a = axis == 0 ? 1 : 0, b = axis == 2 ? 1 : 2;
  Matrix result = kIdentity;
  result[a][a] = result[b][b] = std::cos(angle);
  result[b][a] = std::sin(angle);
  result[a][b] = -result[b][a];
  return result;
}

Matrix inverse(const Matrix& m) {
  const auto minor = [&](std::size_t i, std::size_t j) {
    const std::size_t a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
    return m[a][c] * m[b][d] - m[a][d] * m[b][c];
  };
  const double determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  Matrix result{};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) result[j][i] = minor(i, j) / determinant;
  return result;
}

class Warp : public Transform {
 public:
  Padding beyond;

  bool moves_voxels() const override { return true; }
  bool takes_resampling() const override { return true; }
  const Padding* padding() const override { return &beyond; }
};

class RandomAffine final : public Warp {
 public:
  AxisRanges scales, degrees, translation;
  Range shear;
  bool isotropic = false;
  std::vector<std::size_t> plane;  // the axes that it moves along; empty: all

  void apply(AugmentedSample& sample, Rng& rng) const override {
    Matrix forward = kIdentity;
    Vector angles = draw(degrees, rng);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (!plane.empty() && is_moved(axis)) angles[axis] = 0;
    for (std::size_t axis = 0; axis < 3; ++axis)
      forward = product(forward, rotation(axis, angles[axis]));
    Matrix sheared = kIdentity;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j)
        if (i != j) sheared[i][j] = is_moved(i) && is_moved(j) ? shear.draw(rng) : 0;
    Matrix scaled = kIdentity;
    const Vector factors = draw(scales, rng);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (is_moved(axis)) scaled[axis][axis] = factors[isotropic ? 0 : axis];
    forward = product(forward, product(sheared, scaled));
    Vector shift = draw(translation, rng);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (!is_moved(axis)) shift[axis] = 0;
    PendingWarp& resampling = sample.resample(beyond);
    resampling.map(backward(forward, shift, sample.volume.extents));
  }

 private:
  bool is_moved(std::size_t axis) const {
    return plane.empty() || std::ranges::find(plane, axis) != plane.end();
  }

  // A voxel moves to centre + shift + forward * (voxel - centre); returns the inverse of that map.
  static AffineMap backward(const Matrix& forward, const Vector& shift, const Triple& extents) {
    AffineMap map{inverse(forward), {}};
    for (std::size_t i = 0; i < 3; ++i) {
      map.offset[i] = static_cast<double>(extents[i] - 1) / 2;
      for (std::size_t k = 0; k < 3; ++k)
        map.offset[i] -= map.matrix[i][k] * (static_cast<double>(extents[k] - 1) / 2 + shift[k]);
    }
    return map;
  }
};

class RandomElasticDeformation final : public Warp {
 public:
  Triple num_control_points{};
  Vector max_displacement{};

  // A cubic B-spline whose points move less than 0.4 of their distance never folds space (Choi and
  // Lee, 2000).
  Triple check(const Triple& extents, ConfigErrors& errors) const override {
    constexpr double kMost = 0.4;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto most =
          static_cast<float>(kMost * control_spacing(num_control_points[axis], extents[axis]));
      if (extents[axis] == 1 || static_cast<float>(max_displacement[axis]) <= most) continue;
      errors.add(pointer + "/max_displacement",
                 "expected at most " + number_text(most) + " voxels along " + "dhw"[axis] +
                     ", 0.4 of the distance of the control points, found " +
                     number_text(max_displacement[axis]) +
                     "; more would fold the volume; lower num_control_points or this");
    }
    return extents;
  }
  void apply(AugmentedSample& sample, Rng& rng) const override {
    if (sample.resampling.has_displacement()) sample.apply_warp();
    const Triple& extents = sample.volume.extents;
    Displacement& displacement = sample.resample(beyond).displace(num_control_points);
    const std::span<float> points = displacement.points();
    const std::size_t count = points.size() / 3;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double most = extents[axis] == 1 ? 0 : max_displacement[axis];
      for (float& x : points.subspan(axis * count, count))
        x = static_cast<float>(Range{-most, most}.draw(rng));
    }
  }
};

}  // namespace

std::unique_ptr<Transform> make_random_affine(JsonObject& object) {
  auto affine = std::make_unique<RandomAffine>();
  TransformReader reader(object);
  affine->scales = reader.axis_ranges("scales", {.centre = 1, .low = 0.1, .high = 10}, {0.9, 1.1});
  affine->degrees = reader.axis_ranges("degrees", {.low = -180, .high = 180}, {-10, 10});
  affine->translation = reader.axis_ranges("translation", {.low = -1e4, .high = 1e4}, {});
  // The matrix is diagonally dominant below 0.5, hence invertible.
  affine->shear = reader.range("shear", {.low = -0.45, .high = 0.45}, {});
  affine->plane = reader.plane();
  affine->isotropic = object.boolean("isotropic", false);
  affine->beyond = reader.padding();
  affine->p = reader.p();
  return affine;
}

std::unique_ptr<Transform> make_random_elastic_deformation(JsonObject& object) {
  auto elastic = std::make_unique<RandomElasticDeformation>();
  TransformReader reader(object);
  elastic->num_control_points = object.triple("num_control_points", {4, 64}, Triple{7, 7, 7});
  elastic->max_displacement = reader.axis_numbers("max_displacement");
  elastic->beyond = reader.padding();
  elastic->p = reader.p();
  return elastic;
}

}  // namespace lucid
