#include <doctest/doctest.h>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/golden.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kThreeByTwo = "ObjectType = Image\nNDims = 3\nDimSize = 3 2 1\n";
const std::string kOneByte = "ElementType = MET_UCHAR\n";
const std::string kInFile = "ElementDataFile = LOCAL\n";

struct ReadMetaImage {
  const TempDir dir;
  Geometry geometry(const std::string& fields) const {
    return *read_volume(dir.write("a.mha", kThreeByTwo + kOneByte + fields + kInFile + "sixbyt"))
                .geometry;
  }
};

}  // namespace

TEST_CASE("MetaImage reads raw and zlib, both byte orders, in the file and beside it") {
  const TempDir dir;
  const std::string little = bytes_of(counting<std::int16_t>(6));
  const std::string big = bytes_of(counting<std::int16_t>(6), Order::kBig);
  dir.write("beside.raw", "skipped" + big);
  dir.write("beside.zraw", gzip(little));
  const std::string header = kThreeByTwo + "ElementType = MET_SHORT\n";
  const std::string is_big = "BinaryDataByteOrderMSB = True\n";
  struct Row {
    const char* name;
    std::string content;
  };
  const Row rows[] = {
      {"little.mha", header + "BinaryDataByteOrderMSB = False\n" + kInFile + little},
      {"unsaid.mha", header + kInFile + little},
      {"big.mha", header + "ElementByteOrderMSB = 1\n" + kInFile + big},
      {"zlib.mha", header + is_big + "CompressedData = True\n" + kInFile + gzip(big)},
      {"carriage.mha",
       "ObjectType=Image\r\nNDims=3\r\nDimSize=3 2 1\r\nElementType=MET_SHORT\r\n"
       "0008|0005 = ISO_IR 100\r\nElementDataFile=LOCAL\r\n" +
           little},
      {"raw.mhd", header + is_big + "HeaderSize = 7\nElementDataFile = beside.raw\n"},
      {"last.mhd", header + is_big + "HeaderSize = -1\nElementDataFile = beside.raw\n"},
      {"zlib.mhd", header + "CompressedData = True\nElementDataFile = beside.zraw\n"}};
  for (const Row& row : rows) {
    INFO(row.name);
    const ReadVolume read = read_volume(dir.write(row.name, row.content));
    CHECK(read.type == "int16");
    CHECK(read.axes == "dhw");
    CHECK(read.extents == std::vector<std::int64_t>{1, 2, 3});
    CHECK(read.values == counting<double>(6));
    CHECK(!read.geometry);
  }
}

TEST_CASE("MetaImage's names of types are those of MetaIO, whose long has 4 bytes") {
  const TempDir dir;
  const auto type_of = [&](const std::string& name) {
    const std::string header = kThreeByTwo + "ElementType = MET_" + name + "\n" + kInFile;
    return read_volume(dir.write("a.mha", header + std::string(48, '\0'))).type;
  };
  CHECK(type_of("CHAR") == "int8");
  CHECK(type_of("UCHAR") == "uint8");
  CHECK(type_of("SHORT") == "int16");
  CHECK(type_of("USHORT") == "uint16");
  CHECK(type_of("INT") == "int32");
  CHECK(type_of("UINT") == "uint32");
  CHECK(type_of("LONG") == "int32");
  CHECK(type_of("ULONG") == "uint32");
  CHECK(type_of("LONG_LONG") == "int64");
  CHECK(type_of("ULONG_LONG") == "uint64");
  CHECK(type_of("FLOAT") == "float32");
  CHECK(type_of("DOUBLE") == "float64");
}

TEST_CASE("MetaImage of ITK has the affine of NIfTI in all 24 orientations") {
  const TempDir dir;
  const Json volumes = read_golden("metaimage.json");
  REQUIRE(volumes.size() == 24);
  for (const Json& each : volumes) {
    const auto letters = each.at("orientation").get<std::string>();
    INFO(letters);
    auto content = each.at("header").get<std::string>();
    for (const int byte : each.at("bytes").get<std::vector<int>>())
      content += static_cast<char>(byte);
    const ReadVolume read = read_volume(dir.write("a.mha", content));
    CHECK(read.values == counting<double>(24));
    CHECK(read.extents == std::vector<std::int64_t>{4, 3, 2});
    REQUIRE(read.geometry);
    CHECK(read.geometry->is_oriented());
    CHECK(orientation(read.geometry->affine) == letters);
    const std::vector<double> affine = doubles(each.at("affine"));
    for (std::size_t i = 0; i < 16; ++i)
      CHECK(read.geometry->affine[i] == doctest::Approx(affine[i]).epsilon(1e-6));
    const std::array<double, 3> size{3, 2.25, 1.5};
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(read.geometry->voxel_size[i] == doctest::Approx(size[i]).epsilon(1e-6));
  }
}

TEST_CASE("MetaImage without a matrix or an offset says only the size of voxels") {
  const ReadMetaImage read;
  const Geometry spaced = read.geometry("ElementSpacing = 2 3 4\nElementSize = 9 9 9\n");
  CHECK(spaced.voxel_size == std::array<double, 3>{4, 3, 2});
  CHECK(!spaced.is_oriented());
  CHECK(read.geometry("ElementSize = 2 3 4\n").voxel_size == std::array<double, 3>{4, 3, 2});
  const Geometry placed = read.geometry("ElementSpacing = 2 3 4\nPosition = 5 6 7\n");
  CHECK(placed.affine == Affine{-2, 0, 0, -5, 0, -3, 0, -6, 0, 0, 4, 7, 0, 0, 0, 1});
  CHECK(orientation(placed.affine) == "LPS");
  CHECK(read.geometry("Orientation = 0 1 0 1 0 0 0 0 1\n").affine ==
        Affine{0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1});
}

TEST_CASE("channels of MetaImage are components of an element or a fourth dimension") {
  const TempDir dir;
  const ReadVolume colours =
      read_volume(dir.write("a.mha", kThreeByTwo + kOneByte + "ElementNumberOfChannels = 2\n" +
                                         kInFile + std::string(12, 'x')));
  CHECK(colours.axes == "dhwc");
  CHECK(colours.extents == std::vector<std::int64_t>{1, 2, 3, 2});
  const std::string four = "NDims = 4\nDimSize = 3 2 1 2\nElementSpacing = 2 3 4 1\n" + kOneByte;
  const ReadVolume times =
      read_volume(dir.write("b.mha", four + "Offset = 1 2 3 0\n" + kInFile + std::string(12, 'x')));
  CHECK(times.axes == "cdhw");
  CHECK(times.extents == std::vector<std::int64_t>{2, 1, 2, 3});
  CHECK(times.geometry->affine == Affine{-2, 0, 0, -1, 0, -3, 0, -2, 0, 0, 4, 3, 0, 0, 0, 1});
  const ReadVolume picture = read_volume(dir.write(
      "c.mha", "NDims = 2\nDimSize = 3 2\nElementSpacing = 2 3\n" + kOneByte + kInFile + "sixbyt"));
  CHECK(picture.extents == std::vector<std::int64_t>{1, 2, 3});
  CHECK(picture.geometry->voxel_size == std::array<double, 3>{1, 3, 2});
  CHECK(reading_error(dir.write("d.mha", four + "ElementNumberOfChannels = 2\n" + kInFile)) ==
        "3: d.mha: ElementNumberOfChannels: expected 1 beside 4 dimensions, found 2");
}
