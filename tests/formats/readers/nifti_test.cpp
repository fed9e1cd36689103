#include "formats/readers/nifti.h"

#include <doctest/doctest.h>

#include <limits>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/approx.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

const std::vector<double> kTwelve = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

template <class T>
NiftiSpec of_type(std::int16_t code, Order order) {
  NiftiSpec spec;
  spec.datatype = code;
  spec.bits = 8 * sizeof(T);
  spec.order = order;
  return spec;
}

template <class T>
void check_type(std::int16_t code, const std::string& name) {
  const TempDir dir;
  for (const Order order : {Order::kLittle, Order::kBig}) {
    const NiftiSpec spec = of_type<T>(code, order);
    const std::string voxels = bytes_of(counting<T>(12), order);
    const ReadVolume first = read_volume(dir.write("a.nii", nifti1(spec) + voxels));
    const ReadVolume second = read_volume(dir.write("b.nii.gz", gzip(nifti2(spec) + voxels)));
    for (const ReadVolume& read : {first, second}) {
      INFO(name);
      CHECK(read.type == name);
      CHECK(read.axes == "dhw");
      CHECK(read.extents == std::vector<std::int64_t>{2, 2, 3});  // x is contiguous: w
      CHECK(read.values == kTwelve);
    }
  }
}

}  // namespace

TEST_CASE("NIfTI of every type reads, both versions and byte orders, plain and gzip") {
  check_type<std::uint8_t>(2, "uint8");
  check_type<std::int16_t>(4, "int16");
  check_type<std::int32_t>(8, "int32");
  check_type<float>(16, "float32");
  check_type<double>(64, "float64");
  check_type<std::int8_t>(256, "int8");
  check_type<std::uint16_t>(512, "uint16");
  check_type<std::uint32_t>(768, "uint32");
  check_type<std::int64_t>(1024, "int64");
  check_type<std::uint64_t>(1280, "uint64");
}

TEST_CASE("NIfTI voxels are scaled where slope and intercept say so") {
  const TempDir dir;
  const auto with = [&](float slope, float intercept) {
    NiftiSpec spec = of_type<std::int16_t>(4, Order::kBig);
    spec.slope = slope;
    spec.intercept = intercept;
    return read_volume(
        dir.write("a.nii", nifti1(spec) + bytes_of(counting<std::int16_t>(12), Order::kBig)));
  };
  const ReadVolume scaled = with(0.5f, -3);
  CHECK(scaled.type == "float32");
  CHECK(scaled.values[5] == -0.5);
  CHECK(with(1, -1024).values[0] == -1024);
  CHECK(with(1, 0).type == "int16");
  CHECK(with(0, 7).type == "int16");  // a slope of 0 means none, whatever the intercept
  CHECK(with(kNan, 7).type == "int16");
  NiftiSpec wide = of_type<double>(64, Order::kLittle);
  wide.slope = 2;
  const std::string voxels = bytes_of(counting<double>(12));
  CHECK(read_volume(dir.write("b.nii", nifti1(wide) + voxels)).type == "float64");
}

TEST_CASE("a fourth or fifth axis of NIfTI is the channels, a slice has a depth of 1") {
  const TempDir dir;
  NiftiSpec spec;
  const std::string voxels = bytes_of(counting<std::uint8_t>(12));
  const auto shape_of = [&](const std::vector<std::int64_t>& dim) {
    spec.dim = dim;
    const ReadVolume read = read_volume(dir.write("a.nii", nifti1(spec) + voxels));
    std::string text = read.axes;
    for (const std::int64_t extent : read.extents) text += " " + std::to_string(extent);
    return text;
  };
  CHECK(shape_of({3, 2, 1, 2}) == "cdhw 2 1 2 3");
  CHECK(shape_of({3, 2, 1, 1, 2}) == "cdhw 2 1 2 3");
  CHECK(shape_of({3, 2, 2, 1}) == "dhw 2 2 3");
  CHECK(shape_of({4, 3}) == "dhw 1 3 4");
  spec.dim = {1, 2, 1, 2, 3};
  CHECK(reading_error(dir.write("a.nii", nifti1(spec) + voxels)) ==
        "3: a.nii: expected at most 4 axes that are longer than 1, found more");
}

TEST_CASE("the geometry of NIfTI is the sform, else the qform, else the voxel size, in mm") {
  const TempDir dir;
  const std::string voxels(12, 'x');
  NiftiSpec spec;
  const auto geometry = [&] {
    return *read_volume(dir.write("a.nii", nifti1(spec) + voxels)).geometry;
  };
  CHECK(geometry().voxel_size == std::array<double, 3>{4, 3, 2});  // d, h, w
  CHECK(geometry().affine == Affine{2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1});
  spec.qform_code = 1;  // half a turn around z, and a translation
  spec.quaternion = {0, 0, 1, 10, 20, 30};
  CHECK(geometry().affine ==
        approx({-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, 4, 30, 0, 0, 0, 1}).within(0, 1e-6));
  CHECK(orientation(geometry().affine) == "LPS");
  spec.pixdim[0] = -1;  // left-handed: z is reversed
  CHECK(orientation(geometry().affine) == "LPI");
  spec.sform_code = 2;
  CHECK(geometry().affine == Affine{2, 0, 0, 5, 0, 3, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1});
  CHECK(geometry().qform.has_value());
  spec.units = 3;  // micrometres
  CHECK(geometry().voxel_size[0] == doctest::Approx(0.004));
  CHECK(geometry().affine[3] == doctest::Approx(0.005));
  spec.pixdim = {1, 0, kNan, -2};  // unset, unset, an invalid sign: the sform has the others
  CHECK(geometry().voxel_size == approx({0.002, 0.003, 0.002}).within(1e-6));
}

TEST_CASE("a damaged NIfTI file is told with what is wrong") {
  const TempDir dir;
  const std::string voxels = bytes_of(counting<std::uint8_t>(12));
  const auto error = [&](const std::string& content) {
    return reading_error(dir.write("a.nii.gz", content));
  };
  const std::string good = nifti1({}) + voxels, packed = gzip(good);
  CHECK(error(good).empty());
  CHECK(error("") == "3: a.nii.gz: header: expected 4 bytes, found 0; the file is cut short");
  CHECK(error(good.substr(0, 100)) ==
        "3: a.nii.gz: header: expected 344 bytes, found 96; the file is cut short");
  CHECK(error(good.substr(0, 360)) ==
        "3: a.nii.gz: voxels: expected 12 bytes for 2x2x3, found at most 8; the file is cut short "
        "or its header damaged");
  CHECK(error(packed.substr(0, packed.size() - 30)).starts_with("3: a.nii.gz: "));
  CHECK(error(packed.substr(0, packed.size() - 4)) == "3: a.nii.gz: its gzip data is cut short");
  std::string wrong = packed;
  wrong[packed.size() - 6] = static_cast<char>(wrong[packed.size() - 6] ^ 1);  // the checksum
  CHECK(error(wrong) == "3: a.nii.gz: its gzip data is damaged: incorrect data check");
  CHECK(error(std::string(500, 'x')) ==
        "3: a.nii.gz: expected a NIfTI file, found another beginning");
}

TEST_CASE("a NIfTI header that says what cannot be read is refused") {
  const TempDir dir;
  const auto changed = [&](const auto& change) {
    NiftiSpec spec;
    change(spec);
    return reading_error(
        dir.write("a.nii.gz", nifti1(spec) + bytes_of(counting<std::uint8_t>(12))));
  };
  CHECK(changed([](NiftiSpec& s) { s.magic = "xxxx"; }) ==
        "3: a.nii.gz: expected NIfTI-1 or NIfTI-2, found neither's mark in the header");
  CHECK(changed([](NiftiSpec& s) {
          s.magic = std::string("ni1\0", 4);
        }).starts_with("3: a.nii.gz: expected one file, found the header of a pair"));
  CHECK(changed([](NiftiSpec& s) { s.datatype = 128; }) ==
        "3: a.nii.gz: expected integers or floats, found voxels of type RGB24");
  CHECK(changed([](NiftiSpec& s) { s.datatype = 12345; }) ==
        "3: a.nii.gz: expected integers or floats, found voxels of the unknown datatype 12345");
  CHECK(changed([](NiftiSpec& s) {
          s.dim = {3, 0, 2};
        }) == "3: a.nii.gz: expected extents of at least 1, found 2x0x3");
  CHECK(changed([](NiftiSpec& s) {
          s.dim = {30000, 30000, 30000, 30000};
        }).starts_with("3: a.nii.gz: voxels: expected 810,000,000,000,000,000 bytes"));
}

TEST_CASE("sizes and places that no NIfTI file can have are refused before memory is asked for") {
  const TempDir dir;
  NiftiSpec spec;
  spec.dim = {std::int64_t{1} << 40, std::int64_t{1} << 40, 2};
  CHECK(reading_error(dir.write("a.nii", nifti2(spec))) ==
        "3: a.nii: expected a volume, found the shape 2x1099511627776x1099511627776");
  spec.dim = {1000, 1000, 1000};
  CHECK(reading_error(dir.write("a.nii.gz", gzip(nifti2(spec) + std::string(1000, 'x'))))
            .starts_with("3: a.nii.gz: voxels: expected 1,000,000,000 bytes for 1000x1000x1000, "
                         "found at most "));
  std::string bytes = nifti1({}) + std::string(12, 'x');
  put(bytes, 40, std::int16_t{99});
  CHECK(reading_error(dir.write("a.nii", bytes)) ==
        "3: a.nii: expected 1 to 7 axes, found 99; the header is damaged");
  bytes = nifti1({}) + std::string(12, 'x');
  for (const float at : {-1.0f, 12.0f, 1e30f, kNan}) {
    put(bytes, 108, at);
    CHECK(reading_error(dir.write("a.nii", bytes))
              .starts_with("3: a.nii: expected voxels behind the header, found them at byte "));
  }
  put(bytes, 108, 4000.0f);
  CHECK(reading_error(dir.write("a.nii", bytes)) ==
        "3: a.nii: space before the voxels: expected 3,652 bytes, found 16; the file is cut short");
}

TEST_CASE("a written NIfTI file has the bytes that the format asks for") {
  const TempDir dir;
  Geometry geometry = plain_geometry({4, 3, 2});
  geometry.affine = {2, 0, 0, 5, 0, 3, 0, 6, 0, 0, 4, 7, 0, 0, 0, 1};
  geometry.sform_code = 2;
  const auto fill = [](std::int64_t begin, std::span<std::byte> out) {
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::byte>(static_cast<std::size_t>(begin) + i);
  };
  write_nifti({dir / "a.nii", true}, ElementType::kUint8, {2, 2, 3}, geometry, fill);
  NiftiSpec spec;
  spec.slope = 1;
  spec.sform_code = 2;
  spec.quaternion = {0, 0, 0, 5, 6, 7};
  std::string expected = nifti1(spec) + bytes_of(counting<std::uint8_t>(12));
  for (std::size_t i = 4; i < 8; ++i) put(expected, 76 + 4 * i, 1.0f);  // pixdim of the unused axes
  CHECK(read_text(dir / "a.nii") == expected);
  write_nifti({dir / "a.nii.gz", true}, ElementType::kUint8, {2, 2, 3}, geometry, fill);
  CHECK(read_volume(dir / "a.nii.gz").values == kTwelve);
  const std::string once = read_text(dir / "a.nii.gz");
  write_nifti({dir / "a.nii.gz", true}, ElementType::kUint8, {2, 2, 3}, geometry, fill);
  CHECK(read_text(dir / "a.nii.gz") == once);
}

TEST_CASE("an extent beyond 16 bits is written as NIfTI-2") {
  const TempDir dir;
  write_nifti({dir / "a.nii", true}, ElementType::kInt16, {1, 1, 40000}, plain_geometry({1, 1, 1}),
              [](std::int64_t, std::span<std::byte> out) {
                std::fill(out.begin(), out.end(), std::byte{1});
              });
  const std::string bytes = read_text(dir / "a.nii");
  CHECK(bytes.substr(0, 4) == bytes_of(std::int32_t{540}));
  const ReadVolume read = read_volume(dir / "a.nii");
  CHECK(read.extents == std::vector<std::int64_t>{1, 1, 40000});
  CHECK(read.values[39999] == 257);
}
