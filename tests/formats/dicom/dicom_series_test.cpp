#include <doctest/doctest.h>

#include "data/hdf5/file.h"
#include "data/hdf5/write.h"
#include "formats/dicom/dicom_files.h"
#include "formats/import/import.h"
#include "formats/open/folder.h"
#include "formats/readers/read_volume.h"

using namespace lucid;
using namespace lucid::test;

namespace {

namespace fs = std::filesystem;

// The series "plain" as slices a.dcm, b.dcm, c.dcm from bottom to top.
struct Slices {
  Slices() {
    for (std::size_t i = 0; i < 3; ++i) contents.push_back(dicom_content(dicom_series("plain"), i));
  }
  std::string error() const {
    fs::remove_all(dir / "x");
    for (std::size_t i = 0; i < contents.size(); ++i)
      dir.write("x/" + std::string(1, static_cast<char>('a' + i)) + ".dcm", contents[i]);
    return from_inside(dir.path(), error_of([&] { read_volume(dir / "x"); }));
  }

  TempDir dir;
  std::vector<std::string> contents;
};

}  // namespace

TEST_CASE("slices of DICOM that do not make a volume are told by the names of their files") {
  Slices f;
  CHECK(f.error().empty());
  SUBCASE("a slice is missing") {
    f.contents.push_back(with_text(f.contents[2], "\\33.0", "\\36.0"));
    CHECK(f.error() ==
          "3: x/d.dcm: expected a slice each 1.5 mm, found 3 mm to the slice before it, x/c.dcm; "
          "slices are missing between them");
  }
  SUBCASE("slices are not evenly spaced") {
    f.contents[1] = with_text(f.contents[1], "\\31.5", "\\32.1");
    CHECK(f.error() ==
          "3: x/b.dcm: expected a slice each 0.9 mm, found 2.1 mm to the slice before it, x/a.dcm");
  }
  SUBCASE("two slices are in one place") {
    f.contents[1] = with_text(f.contents[1], "\\31.5", "\\30.0");
    CHECK(f.error() ==
          "3: x/b.dcm: expected slices in different places, found x/a.dcm in the same one; the "
          "series holds a file twice, or several volumes (times, echoes)");
  }
  SUBCASE("a slice has another direction") {
    f.contents[1] =
        with_text(f.contents[1], "1.0\\0.0\\0.0\\0.0\\1.0\\0.0", "1.0\\0.0\\0.0\\0.0\\0.0\\1.0");
    CHECK(f.error() ==
          "3: x/b.dcm: ImageOrientationPatient: expected the directions of x/a.dcm, found others; "
          "the files are no slices of one volume");
  }
  SUBCASE("a slice has another size of pixels") {
    f.contents[2] = with_text(f.contents[2], "2.0\\0.5", "3.0\\0.5");
    CHECK(f.error() == "3: x/c.dcm: PixelSpacing: expected 2 mm as in x/a.dcm, found 3");
  }
  SUBCASE("a slice has another size") {
    // Rows and columns are (0028,0010) and (0028,0011), of two bytes.
    const std::string four{"US\x02\x00\x04\x00", 6}, three{"US\x02\x00\x03\x00", 6};
    f.contents[1] = with_text(f.contents[1], four, three);
    CHECK(f.error() ==
          "3: x/b.dcm: expected 5 x 4 pixels of int16 as in x/a.dcm, found 5 x 3 "
          "pixels of int16");
  }
}

TEST_CASE("series of one folder are volumes of their own, and have to be chosen to open one") {
  const TempDir dir;
  const Json& series = dicom_series("plain");
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string slice = dicom_content(series, i), name = std::to_string(i);
    dir.write("scan/a" + name, slice);
    const std::string other =
        with_text(with_text(slice, "1.2.3.5", "1.2.3.6"), "t1 mprage", "t2 tse/8b");
    dir.write("scan/b" + name, with_text(other,
                                         std::string("IS\x02\x00"
                                                     "3 ",
                                                     6),
                                         std::string("IS\x02\x00"
                                                     "12",
                                                     6)));
  }
  const fs::path scan = dir / "scan";
  CHECK(
      from_inside(dir.path(), error_of([&] { read_volume(scan); })) ==
      "2: scan: holds 2 series; say which, as scan:3_t1_mprage; known: 3_t1_mprage, 12_t2_tse_8b");
  CHECK(volumes_in(scan) ==
        std::vector<fs::path>{scan.string() + ":3_t1_mprage", scan.string() + ":12_t2_tse_8b"});
  for (const char* choice : {":12_t2_tse_8b", ":12", ":1.2.3.6"}) {
    CAPTURE(choice);
    CHECK(read_volume(scan.string() + choice).extents == std::vector<std::int64_t>{3, 4, 5});
    CHECK(files_of_volume(scan.string() + choice).size() == 3);
  }
  CHECK(case_name(scan.string() + ":12_t2_tse_8b") == "12_t2_tse_8b");
  CHECK(from_inside(dir.path(), error_of([&] { read_volume(scan.string() + ":4"); })) ==
        "2: scan: expected one series '4', found none; say which, as scan:3_t1_mprage; known: "
        "3_t1_mprage, 12_t2_tse_8b");
  CHECK(read_volume(scan / "b1").extents == std::vector<std::int64_t>{3, 4, 5});
}

TEST_CASE("files of DICOM series are imported as the volumes they belong to") {
  Slices f;
  f.error();
  ImportOptions options;
  for (const char* name : {"x/b.dcm", "x/a.dcm", "x/c.dcm"})
    options.inputs.push_back((f.dir / name).string());
  hdf5::Writer one(f.dir / "one.h5", "one.h5");
  CHECK(import_volumes(options, one, [](const std::string&, double) {}).volumes == 1);
  one.close();
  CHECK(hdf5::File(f.dir / "one.h5").datasets() == std::vector<std::string>{"x/raw"});
  for (const std::string& slice : f.contents)
    f.dir.write("x/other" + std::to_string(&slice - f.contents.data()),
                with_text(slice, "1.2.3.5", "1.2.3.6"));
  options.inputs = {(f.dir / "x").string()};
  hdf5::Writer two(f.dir / "two.h5", "two.h5");
  CHECK(import_volumes(options, two, [](const std::string&, double) {}).volumes == 2);
  two.close();
  CHECK(hdf5::File(f.dir / "two.h5").datasets() ==
        std::vector<std::string>{"3_t1_mprage/raw", "3_t1_mprage_2/raw"});
}

TEST_CASE("DICOM files without an image are left out, and what is not read is told") {
  Slices f;
  const std::string slice = f.contents.front();
  const auto pixels = slice.find(std::string("\xe0\x7f\x10\x00OW", 6));
  REQUIRE(pixels != std::string::npos);
  f.contents.push_back(with_text(slice.substr(0, pixels), "1.2.3.5", "1.2.3.9"));
  CHECK(f.error().empty());
  CHECK(open_volume(f.dir / "x", {}).header().warnings ==
        std::vector<std::string>{"1 DICOM files in it hold no image and are left out"});
  f.contents = {with_text(slice, "MONOCHROME2 ", "YBR_FULL_422")};
  CHECK(f.error() ==
        "3: x/a.dcm: PhotometricInterpretation: expected MONOCHROME1, MONOCHROME2 or RGB, found "
        "'YBR_FULL_422' of 1 samples");
  f.contents = {with_text(slice, "ORIGINAL\\PRIMARY", "ORIGINAL\\MOSAIC ")};
  CHECK(f.error() ==
        "3: x/a.dcm: ImageType: a mosaic of slices, whose CSA image header is missing; dcm2niix "
        "converts it to NIfTI");
}
