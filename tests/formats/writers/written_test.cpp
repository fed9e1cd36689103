#include <doctest/doctest.h>

#include <cmath>

#include "formats/readers/read_volume.h"
#include "formats/writers/metaimage_write.h"
#include "formats/writers/tiff_write.h"
#include "support/temp_dir.h"
#include "tensor/shape.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;

template <class T>
FillElements ramp() {
  return [](std::int64_t begin, std::span<std::byte> out) {
    auto* to = reinterpret_cast<T*>(out.data());
    for (std::size_t i = 0; i < out.size() / sizeof(T); ++i)
      to[i] = static_cast<T>((static_cast<std::int64_t>(i) + begin) * 7 % 251);
  };
}

template <class T>
std::vector<double> ramp_values(std::int64_t count) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<double>(static_cast<T>(i * 7 % 251)));
  return values;
}

Geometry oblique() {
  Geometry geometry;
  geometry.affine = {0, 0.6, -2, 10.5, 0.5, 0, 0, -3, 0, 0.8, 1.5, 7, 0, 0, 0, 1};
  geometry.voxel_size = voxel_size_of(geometry.affine);
  geometry.sform_code = 1;
  return geometry;
}

}  // namespace

TEST_CASE("MetaImage files that are written have their voxels and their place") {
  const TempDir dir;
  const fs::path path = dir / "a.mha";
  const Geometry geometry = oblique();
  write_metaimage_data(path, path, ElementType::kInt16, {3, 4, 5}, geometry, ramp<std::int16_t>());
  const ReadVolume read = read_volume(path);
  CHECK(read.type == "int16");
  CHECK(read.extents == std::vector<std::int64_t>{3, 4, 5});
  CHECK(read.values == ramp_values<std::int16_t>(60));
  REQUIRE(read.geometry);
  CHECK(read.geometry->is_oriented());
  for (std::size_t i = 0; i < 16; ++i)
    CHECK(std::abs(read.geometry->affine[i] - geometry.affine[i]) < 1e-12);
  write_metaimage_data(path, path, ElementType::kFloat32, {2, 3, 4, 5}, plain_geometry({3, 2, 1}),
                       ramp<float>());
  const ReadVolume channels = read_volume(path);
  CHECK(channels.axes == "cdhw");
  CHECK(channels.values == ramp_values<float>(120));
  CHECK_FALSE(channels.geometry->is_oriented());
  CHECK(channels.geometry->voxel_size == std::array<double, 3>{3, 2, 1});
}

TEST_CASE("TIFF files that are written have their voxels, channels and voxel sizes") {
  const TempDir dir;
  const fs::path path = dir / "a.tif";
  for (const std::array<double, 3>& size :
       {std::array{3.0, 1.25, 0.7}, std::array{2e-3, 0.25e-3, 0.3e-3}}) {
    write_tiff_data(path, path, ElementType::kUint16, {3, 40, 700}, plain_geometry(size),
                    ramp<std::uint16_t>());
    const ReadVolume read = read_volume(path);
    CHECK(read.type == "uint16");
    CHECK(read.axes == "dhw");
    CHECK(read.extents == std::vector<std::int64_t>{3, 40, 700});
    CHECK(read.values == ramp_values<std::uint16_t>(3 * 40 * 700));
    REQUIRE(read.geometry);
    for (std::size_t axis = 0; axis < 3; ++axis)
      CHECK(read.geometry->voxel_size[axis] == doctest::Approx(size[axis]).epsilon(1e-6));
  }
  // Channels are written one after another, and are read plane by plane.
  write_tiff_data(path, path, ElementType::kFloat32, {2, 3, 400, 300}, oblique(), ramp<float>());
  const ReadVolume read = read_volume(path);
  CHECK(read.axes == "dchw");
  CHECK(read.extents == std::vector<std::int64_t>{3, 2, 400, 300});
  const std::vector<double> expected = ramp_values<float>(2 * 3 * 400 * 300);
  bool are_equal = true;
  for (std::size_t d = 0; d < 3; ++d)
    for (std::size_t c = 0; c < 2; ++c)
      for (std::size_t i = 0; i < 120000; ++i)
        are_equal = are_equal &&
                    read.values[(d * 2 + c) * 120000 + i] == expected[(c * 3 + d) * 120000 + i];
  CHECK(are_equal);
}

TEST_CASE("every type of integers and floats goes through TIFF and MetaImage") {
  const TempDir dir;
  for (int i = 0; i <= static_cast<int>(ElementType::kFloat64); ++i) {
    const auto type = static_cast<ElementType>(i);
    CAPTURE(element_name(type));
    with_element(type, [&](auto element) {
      using Stored = decltype(element);
      const fs::path tiff = dir / "a.tif", mha = dir / "a.mha";
      write_tiff_data(tiff, tiff, type, {2, 3, 4}, plain_geometry({1, 1, 1}), ramp<Stored>());
      write_metaimage_data(mha, mha, type, {2, 3, 4}, plain_geometry({1, 1, 1}), ramp<Stored>());
      for (const fs::path& path : {tiff, mha}) {
        const ReadVolume read = read_volume(path);
        CHECK(read.type == element_name(type));
        CHECK(read.values == ramp_values<Stored>(24));
      }
    });
  }
}
