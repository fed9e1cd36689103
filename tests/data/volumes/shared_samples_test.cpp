#include "data/volumes/shared_samples.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "data/hdf5/h5_files.h"
#include "data/volumes/volumes.h"
#include "support/temp_dir.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

SampleOrigin origin(const std::string& name, std::size_t begin, std::size_t end,
                    const Box& region = {}) {
  return {name, name, begin, end, region, {}};
}

std::vector<SampleOrigin> origins(const TempDir& dir, const std::string& file,
                                  const std::string& input) {
  return open_volumes({{file}, input, "", ""}, {dir / file}, 0)->origins();
}

}  // namespace

TEST_CASE("samples that two sets share are counted") {
  const std::vector<SampleOrigin> set{origin("a", 0, 5), origin("b", 2, 4)};
  CHECK(shared_samples(set, {origin("c", 0, 9)}).count == 0);
  const SharedSamples found = shared_samples(set, {origin("b", 3, 9), origin("a", 4, 5)});
  CHECK(found.count == 2);
  CHECK(found.place == "a");
  CHECK(repeated_samples(set).count == 0);
  CHECK(repeated_samples({origin("a", 0, 5), origin("a", 3, 9)}).count == 2);
}

TEST_CASE("regions of a volume that do not meet share nothing") {
  const Box low{{0, 0, 0}, {4, 4, 4}}, high{{4, 0, 0}, {4, 4, 4}};
  CHECK(shared_samples({origin("a", 0, 1, low)}, {origin("a", 0, 1, high)}).count == 0);
  CHECK(shared_samples({origin("a", 0, 1, low)}, {origin("a", 0, 1, low)}).count == 1);
  CHECK(shared_samples({origin("a", 0, 1, low)}, {origin("a", 0, 1)}).count == 1);
}

TEST_CASE("a dataset is known under every name of its file and every link to it") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{3, 1, 2, 2, 2}, {}});
  store(dir / "a.h5", "z", {{3, 1, 2, 2, 2}, {}});
  fs::copy_file(dir / "a.h5", dir / "copy.h5");
  fs::create_symlink(dir / "a.h5", dir / "soft.h5");
  fs::create_hard_link(dir / "a.h5", dir / "hard.h5");
  const hid_t linked =
      H5Fcreate((dir / "linked.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("a.h5", "x", linked, "y", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(linked);
  const auto a = origins(dir, "a.h5", "x");
  for (const char* name : {"a.h5", "soft.h5", "hard.h5"})
    CHECK(shared_samples(origins(dir, name, "x"), a).count == 3);
  CHECK(shared_samples(origins(dir, "linked.h5", "y"), a).count == 3);
  CHECK(shared_samples(origins(dir, "a.h5", "z"), a).count == 0);
  CHECK(shared_samples(origins(dir, "copy.h5", "x"), a).count == 0);
}

TEST_CASE("a file that is named again is left out, and a sentence says so") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{1}, {}});
  store(dir / "b.h5", "x", {{1}, {}});
  fs::create_symlink(dir / "a.h5", dir / "c.h5");
  std::vector<fs::path> files = expand_files({"a.h5", "*.h5", "./a.h5"}, dir.path());
  const auto notes = remove_repeated(files);
  CHECK(files == std::vector<fs::path>{dir / "a.h5", dir / "b.h5"});
  REQUIRE(notes.size() == 2);
  CHECK(from_inside(dir.path(), notes[0]) == "a.h5 is named more than once, and counts once");
  CHECK(from_inside(dir.path(), notes[1]) ==
        "c.h5 is another name of a.h5, and the file counts once");
}

}  // namespace lucid::test
