#include <doctest/doctest.h>

#include "formats/readers/read_volume.h"
#include "formats/writers/zarr_squares.h"
#include "support/full_disk.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;
using Extents = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a Zarr store that is written has its voxels, and its place to the last bit") {
  const TempDir dir;
  const Geometry geometry = oblique_volume();
  const fs::path path = dir / "a.zarr";
  write_zarr_data(path, path, ElementType::kInt16, {3, 4, 5}, geometry, ZarrContent::kValues,
                  squares<std::int16_t>());
  const ReadVolume read = read_volume(path);
  CHECK(read.type == "int16");
  CHECK(read.axes == "dhw");
  CHECK(read.extents == Extents{3, 4, 5});
  CHECK(read.values == square_values<std::int16_t>(60));
  REQUIRE(read.geometry);
  CHECK(read.geometry->affine == geometry.affine);
  CHECK(read.geometry->voxel_size == geometry.voxel_size);
  CHECK(read.geometry->qform == geometry.qform);
  CHECK(read.geometry->sform_code == 1);
  CHECK(read.geometry->qform_code == 2);
  CHECK(open_volume(path, {}).header().warnings.empty());
  CHECK_FALSE(fs::exists(path / "1"));
}

TEST_CASE("the metadata of a written store are those of OME-Zarr 0.4") {
  const TempDir dir;
  const fs::path path = dir / "made.zarr";
  Geometry geometry = plain_geometry({4, 2, 0.5});
  geometry.affine[3] = -7;
  geometry.affine[11] = 3;
  write_zarr_data(path, path, ElementType::kFloat32, {2, 3, 5, 300}, geometry, ZarrContent::kValues,
                  squares<float>());
  CHECK(json_in(path / ".zgroup") == Json{{"zarr_format", 2}});
  Json array = json_in(path / "1/.zarray");
  CHECK(array.at("compressor").is_object());
  array.erase("compressor");
  CHECK(array == Json::parse(R"({"zarr_format": 2, "shape": [2, 3, 5, 150],
      "chunks": [1, 3, 5, 128], "dtype": "<f4", "fill_value": 0, "order": "C", "filters": null,
      "dimension_separator": "/"})"));
  const Json attributes = json_in(path / ".zattrs");
  CHECK(attributes.at("multiscales") == Json::parse(R"([{"version": "0.4", "name": "made",
      "axes": [{"name": "c", "type": "channel"},
        {"name": "z", "type": "space", "unit": "millimeter"},
        {"name": "y", "type": "space", "unit": "millimeter"},
        {"name": "x", "type": "space", "unit": "millimeter"}],
      "datasets": [
        {"path": "0", "coordinateTransformations": [
          {"type": "scale", "scale": [1.0, 4.0, 2.0, 0.5]},
          {"type": "translation", "translation": [0.0, 3.0, 0.0, -7.0]}]},
        {"path": "1", "coordinateTransformations": [
          {"type": "scale", "scale": [1.0, 4.0, 2.0, 1.0]},
          {"type": "translation", "translation": [0.0, 3.0, 0.0, -6.75]}]},
        {"path": "2", "coordinateTransformations": [
          {"type": "scale", "scale": [1.0, 4.0, 2.0, 2.0]},
          {"type": "translation", "translation": [0.0, 3.0, 0.0, -6.25]}]}],
      "type": "mean"}])"));
  CHECK_FALSE(attributes.contains("image-label"));
  CHECK(fs::exists(path / "0/1/0/0/2"));
  CHECK_FALSE(fs::exists(path / "3"));
}

TEST_CASE("every type of integers and floats goes through a Zarr store") {
  const TempDir dir;
  for (int i = 0; i <= static_cast<int>(ElementType::kFloat64); ++i) {
    const auto type = static_cast<ElementType>(i);
    CAPTURE(element_name(type));
    with_element(type, [&](auto element) {
      using Stored = decltype(element);
      const fs::path path = dir / (element_name(type) + ".zarr");
      write_zarr_data(path, path, type, {2, 3, 4}, plain_geometry({1, 1, 1}), ZarrContent::kValues,
                      squares<Stored>());
      const ReadVolume read = read_volume(path);
      CHECK(read.type == element_name(type));
      CHECK(read.values == square_values<Stored>(24));
    });
  }
}

TEST_CASE("an affine that is not of the voxels' size is left out with a warning") {
  const TempDir dir;
  const fs::path path = dir / "a.zarr";
  write_zarr_data(path, path, ElementType::kUint8, {2, 3, 4}, oblique_volume(),
                  ZarrContent::kValues, squares<std::uint8_t>());
  Json attributes = json_in(path / ".zattrs");
  Json& level = attributes.at("multiscales")[0].at("datasets")[0];
  level.at("coordinateTransformations")[0].at("scale")[0] = 5;
  dir.write("a.zarr/.zattrs", attributes.dump());
  const std::vector<std::string> warnings = open_volume(path, {}).header().warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings.front() ==
        "lucid: expected the voxel size 5 x 1 x 0.5, found 2.5 x 1 x 0.5; the affine is left out");
  CHECK_FALSE(read_volume(path).geometry->is_oriented());
  attributes.at("lucid").at("affine").erase(0);
  dir.write("a.zarr/.zattrs", attributes.dump());
  CHECK(reading_error(path).starts_with(
      "3: a.zarr/.zattrs: /lucid/affine: expected 4 rows of 4 numbers whose directions span "
      "space, found "));
}

TEST_CASE("a full disk while a store is written is one error that names it") {
  const TempDir dir;
  const fs::path path = dir / "a.zarr";
  const FullDisk full(100);
  CHECK(from_inside(dir.path(), error_of([&] {
                      write_zarr_data(path, dir / "b.zarr", ElementType::kUint8, {64, 64, 64},
                                      plain_geometry({1, 1, 1}), ZarrContent::kValues,
                                      squares<std::uint8_t>());
                    })) == "1: b.zarr: cannot be written: File too large");
}
