#include <doctest/doctest.h>

#include "formats/import/imported.h"
#include "formats/open/folder.h"
#include "formats/readers/read_volume.h"
#include "formats/tiff/tiff_files.h"
#include "formats/writers/tiff_write.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;

// Writes a volume (depth, 2, 3) of bytes from `first` on.
fs::path write_pages(const TempDir& dir, const std::string& name, std::int64_t depth, int first,
                     std::int64_t width = 3) {
  const fs::path path = dir / name;
  fs::create_directories(path.parent_path());
  write_tiff_data(path, path, ElementType::kUint8, {depth, 2, width}, plain_geometry({1, 1, 1}),
                  [&](std::int64_t begin, std::span<std::byte> out) {
                    for (std::size_t i = 0; i < out.size(); ++i)
                      out[i] = static_cast<std::byte>(begin + first + static_cast<int>(i));
                  });
  return path;
}

}  // namespace

TEST_CASE("a folder of single pages is one volume in the order of their numbers") {
  const TempDir dir;
  for (const int number : {1, 2, 9, 10, 11})
    write_pages(dir, "stack/slice" + std::to_string(number) + "_a.tif", 1, 10 * number);
  dir.write("stack/notes.txt", "other files do not matter");
  const fs::path stack = dir / "stack";
  CHECK(volumes_in(stack) == std::vector<fs::path>{stack});
  CHECK(case_name(stack) == "stack");
  CHECK(files_of_volume(stack).size() == 5);
  const ReadVolume read = read_volume(stack);
  CHECK(read.axes == "dhw");
  CHECK(read.extents == std::vector<std::int64_t>{5, 2, 3});
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(read.values[6 * i] == std::vector<double>{10, 20, 90, 100, 110}[i]);
}

TEST_CASE("files of several pages, or whose names differ in more than a number, are volumes each") {
  const TempDir dir;
  write_pages(dir, "a/case1.tif", 2, 0);
  write_pages(dir, "a/case2.tif", 1, 0);
  CHECK(volumes_in(dir / "a").size() == 2);
  write_pages(dir, "b/left1.tif", 1, 0);
  write_pages(dir, "b/right2.tif", 1, 0);
  CHECK(volumes_in(dir / "b").size() == 2);
  write_pages(dir, "c/only1.tif", 1, 0);
  CHECK(volumes_in(dir / "c") == std::vector<fs::path>{dir / "c/only1.tif"});
  CHECK(from_inside(dir.path(), error_of([&] { read_volume(dir / "a"); })) ==
        "2: a: expected a volume, found a folder without slices of one: DICOM files, or TIFF files "
        "of one page whose names differ in a number");
}

TEST_CASE("slices of another size are told with both files") {
  const TempDir dir;
  write_pages(dir, "stack/s1.tif", 1, 0);
  write_pages(dir, "stack/s2.tif", 1, 0, 4);
  CHECK(from_inside(dir.path(), error_of([&] { read_volume(dir / "stack"); })) ==
        "3: stack/s2.tif: expected 3 x 2 pixels of uint8 as in stack/s1.tif, another slice of its "
        "folder, found 4 x 2 pixels of uint8");
}

TEST_CASE("a folder of folders of slices holds a volume for each") {
  const TempDir dir;
  for (const char* name : {"one", "two"})
    for (const char* number : {"1", "2"})
      write_pages(dir, std::string("all/") + name + "/s" + number + ".tif", 1, 0);
  CHECK(volumes_in(dir / "all") == std::vector<fs::path>{dir / "all/one", dir / "all/two"});
}
