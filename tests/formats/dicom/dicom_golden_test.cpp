#include <doctest/doctest.h>

#include <cmath>

#include "formats/dicom/dicom_files.h"
#include "formats/readers/read_volume.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("DICOM series of other programs have the voxels and the place they were given") {
  const TempDir dir;
  for (const Json& each : dicom_series()) {
    const auto name = each.at("name").get<std::string>();
    CAPTURE(name);
    const ReadVolume read = read_volume(write_dicom(dir, name, each));
    CHECK(read.type == each.at("type").get<std::string>());
    CHECK(read.axes == each.at("axes").get<std::string>());
    CHECK(read.extents == each.at("extents").get<std::vector<std::int64_t>>());
    CHECK(read.values == each.at("values").get<std::vector<double>>());
    REQUIRE(read.geometry);
    CHECK(read.geometry->is_oriented());
    for (std::size_t i = 0; i < 16; ++i)
      CHECK(std::abs(read.geometry->affine[i] - each.at("affine").at(i).get<double>()) < 1e-4);
    CHECK(read.geometry->voxel_size[0] == doctest::Approx(1.5).epsilon(1e-4));
  }
}

TEST_CASE("one file of a DICOM series stands for all of it, whatever its name") {
  const TempDir dir;
  const Json& series = dicom_series("tilted");
  const auto folder = write_dicom(dir, "scan", series);
  const auto first = folder / series.at("files").at(0).at("name").get<std::string>();
  std::filesystem::rename(first, folder / "IM0001");
  CHECK(read_volume(folder / "IM0001").values == series.at("values").get<std::vector<double>>());
  CHECK(case_name(folder) == "scan");
  CHECK(case_name(folder / "") == "scan");
}
