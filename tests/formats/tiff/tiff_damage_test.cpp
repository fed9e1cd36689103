#include <doctest/doctest.h>

#include "formats/readers/read_volume.h"
#include "formats/tiff/tiff_files.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a TIFF file that ends anywhere is an error of one line") {
  const TempDir dir;
  for (const char* name : {"type <u2.tif", "lzw:2 u2 -L strips.tif", "imagej one directory.tif"}) {
    CAPTURE(name);
    const std::string content = tiff_file(name);
    CHECK(reading_error(dir.write("a.tif", content)).empty());
    std::size_t errors = 0;
    for (std::size_t size = 0; size < content.size(); ++size) {
      CAPTURE(size);
      const std::string error = reading_error(dir.write("a.tif", content.substr(0, size)));
      CHECK((error.empty() || error.starts_with("3: a.tif: ")));
      CHECK(error.find('\n') == std::string::npos);
      errors += error.empty() ? 0 : 1;
    }
    CHECK(errors > content.size() / 3);  // directories that are not needed lie at the end
  }
}

TEST_CASE("a TIFF file with any byte changed is read or refused in one line") {
  const TempDir dir;
  for (const char* name :
       {"type >f4.tif", "rgb planes.tif", "zip:2 u2 -L tiles.tif", "zstd:2 u2 -L strips.tif",
        "packbits u1 -L tiles.tif", "predictor 3 >f4.tif", "ome.ome.tif", "imagej.tif"}) {
    CAPTURE(name);
    const std::string content = tiff_file(name);
    for (std::size_t at = 0; at < content.size(); ++at)
      for (const char flip : {'\xff', '\x01', '\x80'}) {
        std::string damaged = content;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        const std::string error = reading_error(dir.write("a.tif", damaged));
        CHECK(error.find('\n') == std::string::npos);
        CHECK(error.size() < 1000);
      }
  }
}

TEST_CASE("TIFF metadata that do not fit the pages are told") {
  const TempDir dir;
  const auto changed = [&](const std::string& name, const std::string& from,
                           const std::string& to) {
    std::string content = tiff_file(name);
    const auto at = content.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    content.replace(at, to.size(), to);
    return dir.write("a.tif", content);
  };
  const auto error = [&](const std::string& name, const std::string& from, const std::string& to) {
    return reading_error(changed(name, from, to));
  };
  CHECK(error("ome.ome.tif", "SizeZ=\"3\"", "SizeZ=\"4\"") ==
        "3: a.tif: OME-XML: expected 4 pages, found 3");
  CHECK(error("ome.ome.tif", "SizeX=\"5\"", "SizeX=\"6\"") ==
        "3: a.tif: OME-XML: SizeX: expected 5 as in the pages, found 6");
  CHECK(error("ome.ome.tif", "SizeC=\"1\"", "SizeC=\"x\"") ==
        "3: a.tif: OME-XML: SizeC: expected an integer of at least 1, found 'x'");
  CHECK(error("ome.ome.tif", "\"XYCZT\"", "\"XYCZZ\"") ==
        "3: a.tif: OME-XML: DimensionOrder: expected XY and an order of Z, C and T, found 'XYCZZ'");
  CHECK(error("ome.ome.tif", "PlaneCount=\"3\"", "PlaneCount=\"2\"") ==
        "3: a.tif: OME-XML: expected a page for each of 3 planes, found none for plane 2; the file "
        "has 3 pages");
  CHECK(error("imagej channels.tif", "channels=3", "channels=0") ==
        "3: a.tif: ImageJ: channels: expected a positive integer, found '0'");
  const auto warned = changed("imagej channels.tif", "images=6", "images=7");
  CHECK(
      open_volume(warned, {}).header().warnings ==
      std::vector<std::string>{"ImageJ: says 7 images, found 6 pages, which are taken for slices"});
  CHECK(read_volume(warned).extents == std::vector<std::int64_t>{6, 4, 5});
}

TEST_CASE("an OME set of several files is an error that says so") {
  const TempDir dir;
  std::string content = tiff_file("ome.ome.tif");
  const std::string data = "<TiffData IFD=\"0\" PlaneCount=\"3\"/>";
  const auto at = content.find(data);
  REQUIRE(at != std::string::npos);
  // In the place of other elements of about that length.
  const std::string binary = "<BinaryOnly MetadataFile=\"a.xml\"/>";
  content.replace(at, data.size(), binary + std::string(data.size() - binary.size(), ' '));
  CHECK(reading_error(dir.write("a.tif", content)) ==
        "3: a.tif: OME-XML: expected all planes in this file, found a set of files; Bio-Formats' "
        "bfconvert makes one of it");
}
