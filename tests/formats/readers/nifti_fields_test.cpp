#include <doctest/doctest.h>

#include <limits>

#include "formats/readers/made_files.h"
#include "formats/readers/read_volume.h"
#include "support/approx.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

using Warnings = std::vector<std::string>;

struct NiftiFields {
  const TempDir dir;
  NiftiSpec spec;

  std::filesystem::path write(const std::string& name = "a.nii") const {
    return dir.write(name, nifti1(spec) + bytes_of(counting<std::uint8_t>(12)));
  }
  std::string error() const { return reading_error(write()); }
  Geometry geometry() const { return *open_volume(write(), {}).header().geometry; }
  Warnings warnings() const { return open_volume(write(), {}).header().warnings; }
};

}  // namespace

TEST_CASE("a scaling of NIfTI that is no number is refused, none is none") {
  struct Row {
    float slope, intercept;
    const char* error;
    double third;  // of the values 0, 1, 2, ...
  };
  const Row rows[] = {
      {0, 0, "", 2},
      {0, 9, "", 2},
      {kNoNumber, kNoNumber, "", 2},
      {1, 0, "", 2},
      {-2, 1, "", -3},
      {0.5f, -1024, "", -1023},
      {kInfinity, 0, "3: a.nii: scl_slope: expected a finite number, found inf", 0},
      {-kInfinity, 0, "3: a.nii: scl_slope: expected a finite number, found -inf", 0},
      {2, kNoNumber, "3: a.nii: scl_inter: expected a finite number, found nan", 0},
      {1, kInfinity, "3: a.nii: scl_inter: expected a finite number, found inf", 0}};
  for (const Row& row : rows) {
    INFO(row.slope, " ", row.intercept);
    NiftiFields read;
    read.spec.slope = row.slope;
    read.spec.intercept = row.intercept;
    CHECK(read.error() == row.error);
    if (read.error().empty()) CHECK(read_volume(read.write()).values[2] == row.third);
  }
}

TEST_CASE("NIfTI's units of space scale voxels and place, an unknown one is refused") {
  struct Row {
    int units;
    double millimetres;
  };
  // The upper bits are the unit of time.
  for (const Row& row : {Row{0, 1}, {1, 1000}, {2, 1}, {3, 1e-3}, {8 + 2, 1}, {16 + 3, 1e-3}}) {
    INFO(row.units);
    NiftiFields read;
    read.spec.units = static_cast<char>(row.units);
    read.spec.sform_code = 1;
    const double mm = row.millimetres;
    CHECK(read.geometry().voxel_size == approx({4 * mm, 3 * mm, 2 * mm}).within(1e-9 * mm));
    CHECK(read.geometry().affine[3] == doctest::Approx(5 * mm));
    CHECK(read.warnings().empty());
  }
  NiftiFields read;
  read.spec.units = 5;
  CHECK(read.error() ==
        "3: a.nii: xyzt_units: expected metres, millimetres or micrometres, found the unknown code "
        "5");
}

TEST_CASE("a NIfTI file has an orientation only where a code says so") {
  NiftiFields read;
  CHECK(!read.geometry().is_oriented());
  read.spec.qform_code = -1;
  read.spec.sform_code = -3;
  CHECK(!read.geometry().is_oriented());
  read.spec.qform_code = 1;
  CHECK(read.geometry().is_oriented());
}

TEST_CASE("a voxel size that is missing is the sform's, or told") {
  NiftiFields read;
  read.spec.pixdim = {1, 0, kNoNumber, -4};
  CHECK(read.geometry().voxel_size == std::array<double, 3>{4, 1, 1});
  CHECK(read.warnings() ==
        Warnings{"pixdim: expected sizes above 0, found 0; 1 is taken",
                 "pixdim: expected sizes above 0, found nan; 1 is taken",
                 "pixdim: expected sizes above 0, found -4; its absolute value is taken"});
  read.spec.pixdim = {1, 0, kNoNumber, 0};
  read.spec.sform_code = 1;
  CHECK(read.geometry().voxel_size == std::array<double, 3>{4, 3, 2});
  CHECK(read.warnings().empty());
  read.spec.pixdim = {1, 2, 3.5, 4};
  CHECK(read.warnings() ==
        Warnings{"pixdim: expected the sform's voxel size 3, found 3.5; both are kept"});
  NiftiFields flat;  // the third axis of a picture needs no size
  flat.spec.dim = {4, 3};
  flat.spec.pixdim = {1, 2, 3, 0};
  CHECK(flat.warnings().empty());
}

TEST_CASE("a matrix of NIfTI whose directions do not span space is left out and told") {
  NiftiFields read;
  read.spec.sform_code = 1;
  read.spec.rows = {2, 4, 0, 5, 0, 0, 0, 6, 0, 0, 4, 7};  // two columns in one direction
  const std::string sform =
      "sform: expected three directions that span space, found others; it is "
      "left out";
  CHECK(read.warnings() == Warnings{sform});
  CHECK(!read.geometry().is_oriented());
  CHECK(read.geometry().affine[0] == 2);
  read.spec.rows = std::vector<float>(12, 0);
  CHECK(read.warnings() == Warnings{sform});
  read.spec.rows = {2, 0, 0, kNoNumber, 0, 3, 0, 6, 0, 0, 4, 7};
  read.spec.qform_code = 2;
  CHECK(read.warnings() == Warnings{sform});
  CHECK(read.geometry().sform_code == 0);
  CHECK(read.geometry().qform_code == 2);
  read.spec.quaternion = {kNoNumber, 0, 0, 0, 0, 0};
  CHECK(read.warnings().size() == 2);
  CHECK(!read.geometry().is_oriented());
  NiftiFields turned;
  turned.spec.qform_code = 1;
  turned.spec.quaternion = {2, 0, 0, 0, 0, 0};
  CHECK(turned.warnings() ==
        Warnings{"qform: expected a quaternion of length 1, found 2; it is shortened"});
}

TEST_CASE("bits, datatypes and places of voxels that contradict the format are told") {
  NiftiFields read;
  read.spec.bits = 16;
  CHECK(read.warnings() ==
        Warnings{"bitpix: expected 8 as of UINT8, found 16; the datatype counts"});
  struct Row {
    std::int16_t code;
    const char* name;
  };
  for (const Row& row : {Row{1, "type BINARY"},
                         {32, "type COMPLEX64"},
                         {1536, "type FLOAT128"},
                         {1792, "type COMPLEX128"},
                         {2048, "type COMPLEX256"},
                         {128, "type RGB24"},
                         {2304, "type RGBA32"},
                         {0, "type UNKNOWN"},
                         {7, "the unknown datatype 7"}}) {
    read.spec.datatype = row.code;
    CHECK(read.error() ==
          std::string("3: a.nii: expected integers or floats, found voxels of ") + row.name);
  }
  std::string bytes = nifti1({}) + std::string(40, 'x');
  for (const float at : {352.5f, 347.0f, 0.0f, 0x1p31f, kInfinity}) {
    put(bytes, 108, at);
    CHECK(reading_error(read.dir.write("b.nii", bytes))
              .starts_with("3: b.nii: expected voxels behind the header, found them at byte "));
  }
  put(bytes, 108, 353.0f);  // no multiple of 16, which the format asks for but nobody needs
  CHECK(reading_error(read.dir.write("b.nii", bytes)).empty());
  std::string second = nifti2({}) + std::string(12, 'x');
  second[8] = '\n';
  CHECK(reading_error(read.dir.write("c.nii", second)) ==
        "3: c.nii: expected the bytes of NIfTI-2's mark, found others; the file was transferred as "
        "text");
}

TEST_CASE("extents of NIfTI that are no sizes are refused without memory") {
  struct Row {
    std::vector<std::int16_t> dim;
    const char* error;
  };
  const Row rows[] = {
      {{0, 3, 2, 2}, "3: a.nii: expected 1 to 7 axes, found 0; the header is damaged"},
      {{8, 3, 2, 2}, "3: a.nii: expected 1 to 7 axes, found 8; the header is damaged"},
      {{-1, 3, 2, 2}, "3: a.nii: expected 1 to 7 axes, found -1; the header is damaged"},
      {{3, -3, 2, 2}, "3: a.nii: expected extents of at least 1, found 2x2x-3"},
      {{4, 3, 2, 2, 0}, "3: a.nii: expected extents of at least 1, found 0x2x2x3"},
      {{3, 32767, 32767, 32767},
       "3: a.nii: voxels: expected 35,181,150,961,663 bytes for 32767x32767x32767, found at most "
       "12; the file is cut short or its header damaged"}};
  for (const Row& row : rows) {
    NiftiFields read;
    std::string bytes = nifti1(read.spec) + bytes_of(counting<std::uint8_t>(12));
    for (std::size_t i = 0; i < row.dim.size(); ++i) put(bytes, 40 + 2 * i, row.dim[i]);
    CHECK(reading_error(read.dir.write("a.nii", bytes)) == row.error);
  }
}

TEST_CASE("what is behind the voxels or the gzip data of a NIfTI file is told") {
  const TempDir dir;
  const auto rest = [&](const std::string& content) {
    VolumeFile file = open_volume(dir.write("a.nii.gz", content), {});
    std::vector<std::byte> voxels(12);
    file.read(voxels);
    return file.finish();
  };
  const std::string good = nifti1({}) + std::string(12, 'x');
  CHECK(rest(good).empty());
  CHECK(rest(gzip(good)).empty());
  CHECK(rest(good + "12345") == "5 bytes after the voxels (2x2x3) are left out");
  CHECK(rest(gzip(good + "12345")) == "5 bytes after the voxels (2x2x3) are left out");
  CHECK(rest(gzip(good) + std::string(100, '\0')).empty());  // padding
  CHECK(rest(gzip(good) + "garbage") == "7 bytes after the gzip data are left out");
  CHECK(rest(gzip(good.substr(0, 355)) + gzip(good.substr(355))).empty());  // two members
  CHECK(reading_error(dir.write("b.nii.gz", gzip(good) + "\x1f garbage"))
            .starts_with("3: b.nii.gz: its gzip data is damaged"));
}

TEST_CASE("a factor that some programs store in Analyze files is told") {
  const TempDir dir;
  NiftiSpec spec;
  spec.slope = 0.5;
  spec.magic = std::string(4, '\0');
  std::string header = nifti1(spec).substr(0, 348);
  put(header, 108, 0.0f);
  dir.write("a.img", bytes_of(counting<std::uint8_t>(12)));
  const VolumeFile file = open_volume(dir.write("a.hdr", header), {});
  CHECK(file.header().warnings ==
        Warnings{"the factor 0.5 is left out, as Analyze 7.5 does not define one; values stay as "
                 "stored"});
}
