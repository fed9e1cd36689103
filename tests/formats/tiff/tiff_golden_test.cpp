#include <doctest/doctest.h>

#include "base/json.h"
#include "formats/readers/read_volume.h"
#include "formats/tiff/tiff_files.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("TIFF files of other programs have the voxels, axes and voxel sizes they were given") {
  const TempDir dir;
  std::size_t sizes = 0;
  for (const Json& each : tiff_files()) {
    const auto name = each.at("name").get<std::string>();
    CAPTURE(name);
    const ReadVolume read = read_volume(dir.write("x/" + name, content_of(each)));
    CHECK(read.type == each.at("type").get<std::string>());
    CHECK(read.axes == each.at("axes").get<std::string>());
    CHECK(read.extents == each.at("extents").get<std::vector<std::int64_t>>());
    CHECK(read.values == each.at("values").get<std::vector<double>>());
    CHECK(read.geometry.has_value() == each.contains("voxel_size"));
    if (!read.geometry || !each.contains("voxel_size")) continue;
    ++sizes;
    CHECK_FALSE(read.geometry->is_oriented());
    for (std::size_t axis = 0; axis < 3; ++axis)
      CHECK(read.geometry->voxel_size[axis] ==
            doctest::Approx(each.at("voxel_size").at(axis).get<double>()).epsilon(1e-6));
  }
  CHECK(sizes == 4);
}
