#include "formats/readers/numpy.h"

#include <doctest/doctest.h>

#include <limits>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

template <class T>
void check_type(const std::string& code, const std::string& name) {
  const TempDir dir;
  for (const auto& [mark, order] : {std::pair{"<", Order::kLittle}, {">", Order::kBig}}) {
    const std::string content = npy(mark + code, "(1, 2, 3)", bytes_of(counting<T>(6), order));
    const ReadVolume read = read_volume(dir.write("a.npy", content));
    INFO(name);
    CHECK(read.type == name);
    CHECK(read.extents == std::vector<std::int64_t>{1, 2, 3});
    CHECK(read.axes == "dhw");
    CHECK(read.values == std::vector<double>{0, 1, 2, 3, 4, 5});
  }
}

}  // namespace

TEST_CASE("NumPy arrays of every type read, both byte orders") {
  check_type<std::uint8_t>("u1", "uint8");
  check_type<std::int8_t>("i1", "int8");
  check_type<std::uint16_t>("u2", "uint16");
  check_type<std::int16_t>("i2", "int16");
  check_type<std::uint32_t>("u4", "uint32");
  check_type<std::int32_t>("i4", "int32");
  check_type<std::uint64_t>("u8", "uint64");
  check_type<std::int64_t>("i8", "int64");
  check_type<float>("f4", "float32");
  check_type<double>("f8", "float64");
}

TEST_CASE("NumPy's halves become floats, its booleans bytes") {
  const TempDir dir;
  // IEEE 754 binary16: 1, -2, the smallest positive value, infinity, 65504, 0.5
  const std::vector<std::uint16_t> halves{0x3c00, 0xc000, 0x0001, 0x7c00, 0x7bff, 0x3800};
  const ReadVolume read =
      read_volume(dir.write("a.npy", npy(">f2", "(1, 2, 3)", bytes_of(halves, Order::kBig))));
  CHECK(read.type == "float32");
  CHECK(read.values ==
        std::vector<double>{1, -2, 0x1p-24, std::numeric_limits<double>::infinity(), 65504, 0.5});
  const ReadVolume truth =
      read_volume(dir.write("b.npy", npy("|b1", "(1, 1, 2)", std::string("\1\0", 2))));
  CHECK(truth.type == "uint8");
  CHECK(truth.values == std::vector<double>{1, 0});
}

TEST_CASE("an array in Fortran's order reads as the same array") {
  const TempDir dir;
  std::vector<std::int16_t> stored;  // value 100 i + 10 j + k, i contiguous
  for (int k = 0; k < 4; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i) stored.push_back(static_cast<std::int16_t>(100 * i + 10 * j + k));
  const ReadVolume read = read_volume(
      dir.write("a.npy", npy(">i2", "(2, 3, 4)", bytes_of(stored, Order::kBig), "True")));
  CHECK(read.extents == std::vector<std::int64_t>{2, 3, 4});
  REQUIRE(read.values.size() == 24);
  CHECK(read.values[0] == 0);
  CHECK(read.values[1] == 1);
  CHECK(read.values[4] == 10);
  CHECK(read.values[23] == 123);
  CHECK(reading_error(dir.write("a.npy", npy("<i2", "(2, 3, 4)", "short", "True")))
            .starts_with("3: a.npy: voxels: expected 48 bytes"));
}

TEST_CASE("a damaged or unknown array of NumPy is told with what is wrong") {
  const TempDir dir;
  const auto error = [&](const std::string& content) {
    return reading_error(dir.write("a.npy", content));
  };
  CHECK(error("\x93NUMPX\x01") ==
        "3: a.npy: header: expected 8 bytes, found 7; the file is cut short");
  CHECK(error(std::string(100, 'x')) ==
        "3: a.npy: expected an array of NumPy (.npy), found another beginning");
  CHECK(error(npy("|O", "(1, 1, 1)", "x")) ==
        "3: a.npy: expected integers or floats, found numbers of type '|O'");
  CHECK(error(npy("<c8", "(1, 1, 1)", "x")) ==
        "3: a.npy: expected integers or floats, found numbers of type '<c8'");
  CHECK(error(npy("", "(1, 1, 1)", "x")) ==
        "3: a.npy: expected integers or floats, found numbers of type ''");
  CHECK(error(npy("|u1", "(1, 1, x)", "x")) == "3: a.npy: shape: expected integers, found 'x'");
  CHECK(error(npy("|u1", "7", "x")) == "3: a.npy: shape: expected a tuple, found another text");
  CHECK(error(npy("|u1", "(1, 0, 1)", "x")) ==
        "3: a.npy: expected extents of at least 1, found 1x0x1");
  CHECK(error(npy("|u1", "(2, 2, 2)", "seven..")) ==
        "3: a.npy: voxels: expected 8 bytes for 2x2x2, found at most 7; the file is cut short or "
        "its header damaged");
  CHECK(error(npy("<f8", "(4000000000, 4000000000, 4000000000)", "x")) ==
        "3: a.npy: expected a volume, found the shape 4000000000x4000000000x4000000000");
  CHECK(error(npy("|u1", "(1, 1, 1)", "x", "Maybe")) ==
        "3: a.npy: fortran_order: expected True or False, found another text");
  std::string long_header = npy("|u1", "(1, 1, 1)", "x");
  long_header[6] = 2;  // a version with a four-byte length
  put(long_header, 8, std::uint32_t{0x7fffffff});
  CHECK(error(long_header) ==
        "3: a.npy: expected a header of at most 1 MiB, found 2,147,483,647 bytes");
  CHECK(error(npy("|u1", "(1, 1, 1, 1)", "x")) ==
        "2: a.npy: rank 4 has no default axes; say them, as --axes cdhw");
}

TEST_CASE("archives of NumPy list and read their arrays, with 64-bit sizes too") {
  const TempDir dir;
  const std::string array = npy("<i2", "(1, 2, 3)", bytes_of(counting<std::int16_t>(6)));
  for (const ZipKind kind : {ZipKind::kPlain, ZipKind::k64}) {
    const auto path =
        dir.write("a.npz", zip({{"b.npy", array}, {"notes.txt", "x"}, {"a.npy", array}}, kind));
    CHECK(npz_arrays(path) == std::vector<std::string>{"a", "b"});
    CHECK(read_all(open_npz(path, "b")).values == std::vector<double>{0, 1, 2, 3, 4, 5});
  }
}

TEST_CASE("a damaged archive is told with what is wrong") {
  const TempDir dir;
  const std::string array = npy("<i2", "(1, 2, 3)", bytes_of(counting<std::int16_t>(6)));
  const auto error = [&](const std::string& content) {
    const auto path = dir.write("a.npz", content);
    return from_inside(dir.path(), error_of([&] {
                         for (const std::string& name : npz_arrays(path))
                           read_all(open_npz(path, name));
                       }));
  };
  const std::string good = zip({{"a.npy", array}});
  CHECK(error(good).empty());
  CHECK(error("no zip").starts_with("3: a.npz: no zip archive, or a damaged one: "));
  CHECK(error(good.substr(0, good.size() - 10))
            .starts_with("3: a.npz: no zip archive, or a damaged one: "));
  CHECK(error(zip({{"a.txt", "x"}})) == "3: a.npz: expected arrays of NumPy (.npy), found none");
  std::string wrong = good;
  wrong[35 + array.size() - 2] = 'x';  // an element of the array: the checksum no longer matches
  CHECK(error(wrong) == "3: a.npz: a.npy: cannot be read: CRC error");
  CHECK(error(zip({{"a.npy", npy("<i2", "(9, 9, 9)", "x")}}))
            .starts_with("3: a.npz: a: voxels: expected 1,458 bytes for 9x9x9"));
}

TEST_CASE("raw files are what the command line says") {
  const TempDir dir;
  const auto path = dir.write("a.raw", "head" + bytes_of(counting<std::uint16_t>(6), Order::kBig));
  RawLayout layout{{1, 2, 3}, "uint16", "", true, 4};
  const ReadVolume read = read_volume(path, layout);
  CHECK(read.type == "uint16");
  CHECK(read.axes == "dhw");
  CHECK(read.values == std::vector<double>{0, 1, 2, 3, 4, 5});
  layout.axes = "xyz";
  CHECK(read_volume(path, layout).axes == "whd");
  layout.is_big_endian = false;
  CHECK(read_volume(path, layout).values[1] == 256);
  CHECK(reading_error(path) ==
        "2: a.raw: a raw file says nothing of its numbers; give --shape and --type");
  layout.type = "unit16";
  CHECK(reading_error(path, layout) == "2: --type: unknown type 'unit16'; did you mean 'uint16'?");
  layout.type = "uint16";
  layout.axes = "dh";
  CHECK(reading_error(path, layout).starts_with("2: --axes: expected d, h and w"));
  layout.axes = "";
  layout.shape = {1, 2, 4};
  CHECK(reading_error(path, layout) ==
        "3: a.raw: expected 16 bytes for 1x2x4 of uint16, found 12; correct --shape, --type or "
        "--skip-bytes");
  layout.skip_bytes = 100;
  CHECK(reading_error(path, layout) ==
        "3: a.raw: --skip-bytes: expected 100 bytes, found 16; the file is cut short");
  CHECK(reading_error(dir.write("a.xyz", "x")) ==
        "2: a.xyz: the name tells no format; known: .nii.gz, .raw.gz, .nii, .hdr, .nrrd, .nhdr, "
        ".mha, .mhd, .npy, .npz, .ome.tif, .ome.tiff, .tif, .tiff, .raw, .bin, .ome.zarr, "
        ".zarr, and DICOM by its content");
  CHECK(reading_error(dir / "absent.nii") == "2: absent.nii: no such file");
}
