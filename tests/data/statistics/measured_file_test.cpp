#include "data/statistics/measured_file.h"

#include <doctest/doctest.h>

#include "data/patch/patch_files.h"
#include "data/patch/voxel_index.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::vector<double> ask(MeasuredFile& file, const std::string& key, double otherwise) {
  return file.get(key, [&] { return std::vector<double>{otherwise, 1}; });
}

}  // namespace

TEST_CASE("measurements are kept when their file is read again, and nothing else") {
  const TempDir dir;
  MeasuredFile first(dir / "m.h5");
  CHECK(ask(first, "a|b", 1) == std::vector<double>{1, 1});
  CHECK(ask(first, "a|b", 2) == std::vector<double>{1, 1});
  CHECK(ask(first, "c", 3) == std::vector<double>{3, 1});
  first.save();
  MeasuredFile second(dir / "m.h5");
  CHECK(ask(second, "a|b", 4) == std::vector<double>{1, 1});
  CHECK(ask(second, "d", 5) == std::vector<double>{5, 1});
  second.save();
  MeasuredFile third(dir / "m.h5");
  // The second run did not ask for "c", so it was not kept.
  CHECK(ask(third, "c", 6) == std::vector<double>{6, 1});
  CHECK(ask(third, "d", 6) == std::vector<double>{5, 1});
}

TEST_CASE("a damaged file of measurements is an empty one") {
  const TempDir dir;
  dir.write("m.h5", "no HDF5");
  MeasuredFile file(dir / "m.h5");
  CHECK(ask(file, "a", 7) == std::vector<double>{7, 1});
  file.save();
  MeasuredFile mended(dir / "m.h5");
  CHECK(ask(mended, "a", 8) == std::vector<double>{7, 1});
}

TEST_CASE("a volume's measurements belong to the file as it was") {
  PatchDir dir;
  store_volume(dir / "a.h5", "one", {9, 70, 7},
               [](auto d, auto h, auto) { return h > 65 ? d : 0; });
  const VolumesConfig config = starred();
  const PatchVolumes volumes(config, expand_files(config.files, dir.path()), dir.cache);
  const PatchVolume& volume = volumes.all().front();
  const VoxelIndex index = index_voxels(volume, 1);
  CHECK(index.labels.size() == 9);
  CHECK(voxel_index_of(stored_values(index)) == index);
  CHECK(find_voxel(volume, index.labels.at(3), 3, 0) == Triple{3, 66, 0});
  CHECK(find_voxel(volume, index.labels.at(3), 3, 27) == Triple{3, 69, 6});
  const std::string identity = volume.identity();
  CHECK(volume.identity() == identity);
  std::filesystem::last_write_time(
      dir / "a.h5", std::filesystem::file_time_type::clock::now() + std::chrono::seconds(3));
  CHECK(volume.identity() != identity);
}

TEST_CASE("a normalization survives being stored as values") {
  for (const Normalization& was :
       {Normalization{{1, 2}, {3, 4}, {}, {}}, Normalization{{1}, {2}, {-3}, {4}}}) {
    const Normalization is = normalization_of(stored_values(was));
    CHECK(is.mean == was.mean);
    CHECK(is.std == was.std);
    CHECK(is.min == was.min);
    CHECK(is.max == was.max);
  }
}
