#include "formats/readers/geometry.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "data/volumes/voxel_size.h"
#include "formats/headers/units.h"

namespace lucid {
namespace {

constexpr double kSame = 1e-3;  // in voxels; headers in float32 and re-saved copies differ by less

template <std::size_t N>
std::array<double, N> numbers(const hdf5::File& file, const std::string& dataset,
                              const std::string& name, const std::vector<double>& found) {
  const bool are_finite =
      std::all_of(found.begin(), found.end(), [](double value) { return std::isfinite(value); });
  if (found.size() != N || !are_finite)
    throw Error(ExitCode::kData, file.path().string() + ": /" + dataset + ": attribute '" + name +
                                     "': expected " + std::to_string(N) +
                                     " finite numbers, found " +
                                     (are_finite ? std::to_string(found.size()) : "others"));
  std::array<double, N> values;
  std::copy(found.begin(), found.end(), values.begin());
  return values;
}

}  // namespace

Geometry plain_geometry(const std::array<double, 3>& size) {
  Geometry geometry;
  geometry.voxel_size = size;
  geometry.affine = {size[2], 0, 0, 0, 0, size[1], 0, 0, 0, 0, size[0], 0, 0, 0, 0, 1};
  return geometry;
}

std::array<double, 3> voxel_size_of(const Affine& a) {
  std::array<double, 3> size;
  for (std::size_t axis = 0; axis < 3; ++axis)
    size[2 - axis] = std::hypot(a[axis], a[4 + axis], a[8 + axis]);
  return size;
}

bool is_singular(const Affine& a) {
  if (!std::all_of(a.begin(), a.end(), [](double x) { return std::isfinite(x); })) return true;
  const std::array<double, 3> size = voxel_size_of(a);
  // Relative to the sides, as those may be of any unit.
  std::array<double, 9> m;
  for (std::size_t i = 0; i < 9; ++i) m[i] = a[4 * (i / 3) + i % 3] / size[2 - i % 3];
  const double volume = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
                        m[2] * (m[3] * m[7] - m[4] * m[6]);
  constexpr double kFlat = 1e-6;  // a header in float32 has errors of 1e-7
  return !(std::abs(volume) > kFlat);
}

std::string orientation(const Affine& affine) {
  std::string letters = "???";
  const char* ends[3] = {"LR", "PA", "IS"};
  bool is_used[3] = {false, false, false};
  for (std::size_t turn = 0; turn < 3; ++turn) {  // the clearest axis first, each direction once
    double largest = 0;
    std::size_t best_axis = 3, best_side = 3;
    for (std::size_t axis = 0; axis < 3; ++axis)
      for (std::size_t side = 0; side < 3; ++side) {
        const double size = std::abs(affine[4 * side + axis]);
        if (letters[axis] != '?' || is_used[side] || size <= largest) continue;
        largest = size;
        best_axis = axis;
        best_side = side;
      }
    if (best_axis == 3) break;
    is_used[best_side] = true;
    letters[best_axis] = ends[best_side][affine[4 * best_side + best_axis] > 0 ? 1 : 0];
  }
  return letters;
}

Geometry regridded(const Geometry& geometry, const Box& region, const Triple& extents) {
  Geometry made = geometry;
  const auto move = [&](Affine& affine) {
    const Affine from = affine;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double step =
          static_cast<double>(region.size[axis]) / static_cast<double>(extents[axis]);
      const double begin = static_cast<double>(region.begin[axis]) + 0.5 * step - 0.5;
      for (std::size_t row = 0; row < 12; row += 4) {
        affine[row + 2 - axis] = from[row + 2 - axis] * step;
        affine[row + 3] += from[row + 2 - axis] * begin;
      }
    }
  };
  for (std::size_t axis = 0; axis < 3; ++axis)
    made.voxel_size[axis] *=
        static_cast<double>(region.size[axis]) / static_cast<double>(extents[axis]);
  move(made.affine);
  if (made.qform) move(*made.qform);
  return made;
}

std::string geometry_difference(const Geometry& a, const Geometry& b) {
  const double voxel = *std::min_element(a.voxel_size.begin(), a.voxel_size.end());
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (std::abs(a.voxel_size[axis] - b.voxel_size[axis]) > kSame * voxel)
      return "voxel size " + voxel_size_text(a.voxel_size) + " against " +
             voxel_size_text(b.voxel_size);
  const auto letters = [](const Geometry& g) {
    return g.is_oriented() ? orientation(g.affine) : "none";
  };
  if (letters(a) != letters(b)) return "orientation " + letters(a) + " against " + letters(b);
  if (!a.is_oriented()) return {};
  for (std::size_t i = 0; i < a.affine.size(); ++i)
    if (std::abs(a.affine[i] - b.affine[i]) > kSame * voxel * (i % 4 == 3 ? 100 : 1))
      return "affine " + number_text(a.affine[i]) + " against " + number_text(b.affine[i]) +
             " in row " + std::to_string(i / 4) + ", column " + std::to_string(i % 4);
  return {};
}

void write_geometry(hdf5::Writer& file, const std::string& dataset, const Geometry& geometry) {
  file.set_attribute(dataset, "voxel_size_mm", Shape{3}, geometry.voxel_size);
  file.set_attribute(dataset, "units", std::string("mm"));
  file.set_attribute(dataset, "affine", Shape{4, 4}, geometry.affine);
  if (geometry.is_oriented())
    file.set_attribute(dataset, "orientation", orientation(geometry.affine));
  file.set_attribute(dataset, "sform_code", std::int64_t{geometry.sform_code});
  file.set_attribute(dataset, "qform_code", std::int64_t{geometry.qform_code});
  if (geometry.qform) file.set_attribute(dataset, "qform", Shape{4, 4}, *geometry.qform);
}

std::optional<Geometry> read_geometry(const hdf5::File& file, const std::string& dataset) {
  const auto voxel_size = stored_voxel_size(file, dataset);
  const auto affine = file.attribute_list<double>(dataset, "affine");
  const auto qform = file.attribute_list<double>(dataset, "qform");
  if (!voxel_size && affine.empty()) return std::nullopt;
  const std::string place = file.path().string() + ": /" + dataset;
  const auto units = file.attribute<std::string>(dataset, "units");
  if (units && millimetres_of(*units).value_or(1) != 1)
    fail(place, "attribute 'units': expected 'mm', found " + in_quotes(*units));
  Geometry geometry;
  if (voxel_size) geometry = plain_geometry(*voxel_size);
  if (!affine.empty()) geometry.affine = numbers<16>(file, dataset, "affine", affine);
  if (is_singular(geometry.affine))
    fail(place, "attribute 'affine': expected three directions that span space, found others");
  if (!voxel_size) geometry.voxel_size = voxel_size_of(geometry.affine);
  if (!qform.empty()) geometry.qform = numbers<16>(file, dataset, "qform", qform);
  const auto sform_code = file.attribute<std::int64_t>(dataset, "sform_code");
  const auto qform_code = file.attribute<std::int64_t>(dataset, "qform_code");
  constexpr std::int64_t kAligned = 2;
  const bool has_codes = sform_code || qform_code || affine.empty();
  const auto code = [](std::int64_t found) {
    return static_cast<int>(std::clamp<std::int64_t>(found, 0, 32767));
  };
  geometry.sform_code = code(sform_code.value_or(has_codes ? 0 : kAligned));
  geometry.qform_code = code(qform_code.value_or(0));
  return geometry;
}

}  // namespace lucid
