#include <doctest/doctest.h>

#include <cmath>

#include "formats/writers/zarr_squares.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;
using Extents = std::vector<std::int64_t>;

// One channel of a level, halved along the axes whose step is 2.
std::vector<double> halved(const std::vector<double>& values, const Triple& e, const Triple& step,
                           bool are_labels, bool are_whole) {
  std::vector<double> found;
  for (std::int64_t z = 0; z < e[0]; z += step[0])
    for (std::int64_t y = 0; y < e[1]; y += step[1])
      for (std::int64_t x = 0; x < e[2]; x += step[2]) {
        double sum = 0;
        int count = 0;
        for (std::int64_t c = z; c < std::min(z + step[0], e[0]); ++c)
          for (std::int64_t b = y; b < std::min(y + step[1], e[1]); ++b)
            for (std::int64_t a = x; a < std::min(x + step[2], e[2]); ++a, ++count)
              sum += values[static_cast<std::size_t>((c * e[1] + b) * e[2] + a)];
        const double first = values[static_cast<std::size_t>((z * e[1] + y) * e[2] + x)];
        const double mean = sum / count;
        found.push_back(are_labels ? first : are_whole ? std::nearbyint(mean) : mean);
      }
  return found;
}

struct PyramidRow {
  Extents extents;
  std::array<double, 3> size;
  std::vector<Triple> steps;
};

// Compares each level of a store with the one before.
void check_levels(const fs::path& path, const PyramidRow& row, bool are_labels, ElementType type) {
  std::vector<double> expected = read_volume(path).values;
  Triple extents{row.extents[0], row.extents[1], row.extents[2]};
  std::array<double, 3> size = row.size, place{};
  for (std::size_t level = 1; level <= row.steps.size(); ++level) {
    const Triple& step = row.steps[level - 1];
    expected = halved(expected, extents, step, are_labels, is_integer(type));
    for (std::size_t axis = 0; axis < 3; ++axis) {
      extents[axis] = (extents[axis] + step[axis] - 1) / step[axis];
      if (!are_labels && step[axis] == 2) place[axis] += size[axis] / 2;
      size[axis] *= static_cast<double>(step[axis]);
    }
    const ReadVolume found = read_volume(path / std::to_string(level));
    CHECK(found.extents == Extents(extents.begin(), extents.end()));
    CHECK(found.geometry->voxel_size == size);
    for (std::size_t axis = 0; axis < 3; ++axis)
      CHECK(found.geometry->affine[4 * axis + 3] == doctest::Approx(place[2 - axis]));
    REQUIRE(found.values.size() == expected.size());
    double largest = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      largest = std::max(largest, std::abs(found.values[i] - expected[i]));
    CHECK(largest < (is_integer(type) || are_labels ? 1e-300 : 1e-4));  // float32 rounds
  }
}

}  // namespace

TEST_CASE("labels of a written store stay labels, and are said to be some") {
  const TempDir dir;
  const fs::path path = dir / "a.zarr";
  const Geometry geometry = oblique_volume();
  write_zarr_data(path, path, ElementType::kUint8, {140, 9, 7}, geometry, ZarrContent::kLabels,
                  squares<std::uint8_t>());
  const Json attributes = json_in(path / ".zattrs");
  CHECK(attributes.at("image-label") == Json{{"version", "0.4"}});
  CHECK(attributes.at("multiscales")[0].at("type") == "nearest");
  const ReadVolume second = read_volume(path / "1");
  CHECK(second.extents == Extents{140, 9, 4});
  CHECK(second.values == halved(read_volume(path).values, {140, 9, 7}, {1, 1, 2}, true, true));
  // A voxel that is left stays where it was; the others are those of the affine.
  for (std::size_t row = 0; row < 12; row += 4) {
    CHECK(second.geometry->affine[row] == 2 * geometry.affine[row]);
    CHECK(second.geometry->affine[row + 1] == geometry.affine[row + 1]);
    CHECK(second.geometry->affine[row + 2] == geometry.affine[row + 2]);
    CHECK(second.geometry->affine[row + 3] == geometry.affine[row + 3]);
  }
}

TEST_CASE("each level of a written store is the one before, halved where voxels are shortest") {
  const PyramidRow rows[] = {{{5, 300, 131}, {1, 1, 1}, {{2, 2, 2}, {2, 2, 2}}},
                             {{150, 20, 140}, {5, 1, 1.5}, {{1, 2, 2}, {1, 2, 2}, {2, 2, 2}}},
                             {{270, 5, 4}, {0.1, 1, 1}, {{2, 1, 1}, {2, 1, 1}}},
                             {{2, 2, 260}, {1, 1, 9}, {{2, 2, 1}, {1, 1, 2}, {1, 1, 2}}}};
  for (const PyramidRow& row : rows)
    for (const bool are_labels : {false, true})
      for (const ElementType type : {ElementType::kUint8, ElementType::kInt32,
                                     ElementType::kFloat32, ElementType::kFloat64}) {
        CAPTURE(row.extents);
        CAPTURE(element_name(type));
        const TempDir dir;
        const fs::path path = dir / "a.zarr";
        const auto content = are_labels ? ZarrContent::kLabels : ZarrContent::kValues;
        with_element(type, [&](auto element) {
          write_zarr_data(path, path, type, row.extents, plain_geometry(row.size), content,
                          squares<decltype(element)>());
        });
        check_levels(path, row, are_labels, type);
        CHECK_FALSE(fs::exists(path / std::to_string(row.steps.size() + 1)));
      }
}

TEST_CASE("a store is written in slabs of chunks, however large its planes are") {
  const TempDir dir;
  const fs::path path = dir / "a.zarr";
  const Extents extents{2, 5, 5000, 1700};  // 34 MB a plane: slabs of two
  std::int64_t most = 0, next = 0;
  const std::int64_t plane = extents[2] * extents[3];
  write_zarr_data(path, path, ElementType::kUint32, extents, plain_geometry({1, 1, 1}),
                  ZarrContent::kValues, [&](std::int64_t begin, std::span<std::byte> out) {
                    CHECK(begin == next);
                    most = std::max(most, std::ssize(out) / (4 * plane));
                    next += std::ssize(out) / 4;
                    auto* to = reinterpret_cast<std::uint32_t*>(out.data());
                    std::fill_n(to, out.size() / 4, static_cast<std::uint32_t>(begin / plane));
                  });
  CHECK(most == 2);
  CHECK(next == 10 * plane);
  const ReadVolume read = read_volume(path / "4");
  CHECK(read.axes == "cdhw");
  CHECK(read.extents == Extents{2, 1, 313, 107});
  CHECK(read.values.front() == 2);  // of planes 0 to 4: 0.5 and 2.5 to even, 4; 1 and 4; 2.5
  CHECK(read.values.back() == 8);   // of planes 5 to 9: 5.5 and 7.5 to even, 9; 7 and 9; 8
}
