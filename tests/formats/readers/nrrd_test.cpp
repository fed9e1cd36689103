#include <doctest/doctest.h>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

const std::string kMagic = "NRRD0004\n# made by hand\n";
const std::vector<double> kSix = {0, 1, 2, 3, 4, 5};

std::string header(const std::string& fields) {
  return kMagic + "dimension: 3\nsizes: 3 2 1\n" + fields;
}

}  // namespace

TEST_CASE("NRRD reads raw and gzip, both byte orders, in the file and beside it") {
  const TempDir dir;
  const std::string little = bytes_of(counting<std::int16_t>(6));
  const std::string big = bytes_of(counting<std::int16_t>(6), Order::kBig);
  dir.write("beside.raw", "line\nskipped" + big);
  dir.write("beside.gz", gzip("four" + little));
  struct Row {
    const char* name;
    std::string content;
  };
  const Row rows[] = {
      {"little.nrrd", header("type: short\nendian: little\nencoding: raw\n\n") + little},
      {"big.nrrd", header("type: int16\nendian: big\nencoding: raw\n\n") + big},
      {"gzip.nrrd", header("type: signed short\nendian: big\nencoding: gz\n\n") + gzip(big)},
      {"carriage.nrrd",
       "NRRD0005\r\ndimension: 3\r\nsizes: 3 2 1\r\ntype: int16\r\nendian: little\r\n"
       "encoding: raw\r\nkey:=value: x\r\n\r\n" +
           little},
      {"raw.nhdr", header("type: short\nendian: big\nencoding: raw\nline skip: 1\nbyte skip: 7\n"
                          "data file: beside.raw\n")},
      {"last.nhdr", header("type: short\nendian: big\nencoding: raw\nbyteskip: -1\n"
                           "datafile: beside.raw\n")},
      {"gzip.nhdr", header("type: short\nendian: little\nencoding: gzip\nbyte skip: 4\n"
                           "data file: beside.gz\n")}};
  for (const Row& row : rows) {
    INFO(row.name);
    const ReadVolume read = read_volume(dir.write(row.name, row.content));
    CHECK(read.type == "int16");
    CHECK(read.axes == "dhw");
    CHECK(read.extents == std::vector<std::int64_t>{1, 2, 3});
    CHECK(read.values == kSix);
  }
}

TEST_CASE("NRRD's names of types are those of its manual") {
  const TempDir dir;
  const auto type_of = [&](const std::string& name) {
    const std::string fields = "type: " + name + "\nendian: little\nencoding: raw\n\n";
    return read_volume(dir.write("a.nrrd", header(fields) + std::string(48, '\0'))).type;
  };
  CHECK(type_of("signed char") == "int8");
  CHECK(type_of("uchar") == "uint8");
  CHECK(type_of("unsigned short int") == "uint16");
  CHECK(type_of("int") == "int32");
  CHECK(type_of("uint32_t") == "uint32");
  CHECK(type_of("long long") == "int64");
  CHECK(type_of("unsigned long long") == "uint64");
  CHECK(type_of("float") == "float32");
  CHECK(type_of("double") == "float64");
}

TEST_CASE("NRRD's space is turned to that of NIfTI, its vectors are channels") {
  const TempDir dir;
  const std::string end = "encoding: raw\n\n" + std::string(24, 'x');
  const auto geometry = [&](const std::string& fields) {
    return *read_volume(dir.write("a.nrrd", header("type: uchar\n" + fields + end))).geometry;
  };
  const Geometry placed = geometry(
      "space: left-posterior-superior\nspace directions: (2,0,0) (0, 3, 0) (0,0,4)\n"
      "space origin: (5,6,7)\n");
  CHECK(placed.voxel_size == std::array<double, 3>{4, 3, 2});
  CHECK(placed.affine == Affine{-2, 0, 0, -5, 0, -3, 0, -6, 0, 0, 4, 7, 0, 0, 0, 1});
  CHECK(orientation(placed.affine) == "LPS");
  CHECK(geometry("space: RAS\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n").affine[0] == 2);
  CHECK(geometry("spacings: 2 3 4\n").voxel_size == std::array<double, 3>{4, 3, 2});

  const std::string four = kMagic + "dimension: 4\ntype: uchar\n";
  const ReadVolume vectors = read_volume(dir.write(
      "b.nrrd", four + "sizes: 2 3 2 1\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\n" + end));
  CHECK(vectors.axes == "dhwc");
  CHECK(vectors.extents == std::vector<std::int64_t>{1, 2, 3, 2});
  CHECK(vectors.geometry->voxel_size == std::array<double, 3>{1, 1, 1});
  const ReadVolume lists = read_volume(
      dir.write("c.nrrd", four + "sizes: 3 2 1 2\nkinds: domain domain domain list\n" + end));
  CHECK(lists.axes == "cdhw");
  const ReadVolume picture =
      read_volume(dir.write("d.nrrd", kMagic + "dimension: 2\ntype: uchar\nsizes: 3 2\n" + end));
  CHECK(picture.extents == std::vector<std::int64_t>{1, 2, 3});
}

TEST_CASE("a damaged or unknown NRRD file is told with what is wrong") {
  const TempDir dir;
  const auto error = [&](const std::string& content) {
    return reading_error(dir.write("a.nrrd", content));
  };
  const std::string good = "type: uchar\nencoding: raw\n";
  CHECK(error(header(good + "\nsixbyt")).empty());
  CHECK(error("NRRX") == "3: a.nrrd: expected a NRRD file, found another beginning");
  CHECK(error(header(good + "\nfour")) ==
        "3: a.nrrd: voxels: expected 6 bytes for 1x2x3, found at most 4; the file is cut short or "
        "its header damaged");
  CHECK(error(header("type: uchar\nencoding: bzip2\n\nsixbyt")) ==
        "3: a.nrrd: encoding: expected raw or gzip, found 'bzip2'; unu save -e gzip -f nrrd "
        "converts");
  CHECK(error(header("type: uchar\nencoding: gzip\n\nsixbyt")) ==
        "3: a.nrrd: its gzip data is damaged: incorrect header check");
  CHECK(error(header("encoding: raw\n\nsixbyt")) ==
        "3: a.nrrd: expected the field 'type', found none");
  CHECK(error(header("type: block\nencoding: raw\n\n")) ==
        "3: a.nrrd: type: expected integers or floats, found 'block'");
  CHECK(error(header("type: short\nencoding: raw\n\n" + std::string(12, 'x'))) ==
        "3: a.nrrd: expected the field 'endian', found none");
  CHECK(error(header("type: short\nendian: middle\nencoding: raw\n\n")) ==
        "3: a.nrrd: endian: expected 'little' or 'big', found 'middle'");
  CHECK(error(header(good + "type: uchar\n\n")) == "3: a.nrrd: duplicate field 'type'");
  CHECK(error(header(good + "words\n\n")) ==
        "3: a.nrrd: expected 'field: value' in the header, found 'words'");
  CHECK(error(header(good + "byte skip: -2\n\n")) ==
        "3: a.nrrd: byte skip: expected an integer of at least -1, found '-2'");
}

TEST_CASE("fields of a NRRD header that do not fit its volume are told") {
  const TempDir dir;
  const auto error = [&](const std::string& content) {
    return reading_error(dir.write("a.nrrd", content));
  };
  const std::string good = "type: uchar\nencoding: raw\n";
  CHECK(error(header(good + "space directions: (1,0) (0,1) x\n\n"))
            .starts_with("3: a.nrrd: space directions: expected vectors of 3 numbers"));
  CHECK(error(header(good + "space directions: (1,0,0)\n\n")) ==
        "3: a.nrrd: space directions: expected 3, found 1");
  CHECK(error(header(good + "space directions: (0,0,0) (0,1,0) (0,0,1)\n\nsixbyt")) ==
        "3: a.nrrd: space directions: expected vectors that span space, found '(0,0,0) (0,1,0) "
        "(0,0,1)'");
  CHECK(error(header(good + "spacings: 1 1\n\nsixbyt")) ==
        "3: a.nrrd: spacings: expected 3, one per axis, found '1 1'");
  CHECK(error(header(good + "data file: LIST\n")) ==
        "3: a.nrrd: data file: expected one file, found a list of them; unu save -f nrrd writes "
        "one");
  CHECK(error(header(good + "data file: absent.raw\n")) ==
        "3: a.nrrd: data file: there is no absent.raw");
  for (const char* sizes : {"3 2", "3 0 1", "3 -2 1", "3 2 x", "3 2 99999999999999999999"})
    CHECK(error(kMagic + "dimension: 3\nsizes: " + sizes + "\n" + good + "\n") ==
          "3: a.nrrd: sizes: expected 3 positive integers, found '" + std::string(sizes) + "'");
  CHECK(error(kMagic + "dimension: 3\nsizes: 4000000000 4000000000 4000000000\n" + good + "\n") ==
        "3: a.nrrd: expected a volume, found the shape 4000000000x4000000000x4000000000");
  CHECK(error(kMagic + "dimension: 9\nsizes: 1 1 1 1 1 1 1 1 1\n" + good + "\n") ==
        "3: a.nrrd: dimension: expected 2 to 4, found 9");
}
